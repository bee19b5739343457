"""Menu buttons that let the follower take or choose pictures."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import handles


@handles("event:pic_sysphoto", "event:pic_photo_or_album", "event:pic_weixin")
def pictures_follow(_content: Fields) -> Reaction:
    """The pictures follow as messages of their own, which are answered; for the button WeChat opens no window."""
    return Reaction()
