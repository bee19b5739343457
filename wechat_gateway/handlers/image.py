"""A picture: kept for staff."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, media_id
from wechat_gateway.quota import Opening

KEPT = f"图片收到了,已经留给工作人员看。我自己还看不懂图片,{TYPE_INSTEAD}"


@handles("image")
def image(content: Fields) -> Reaction:
    """Say what becomes of it; `PicUrl` is stored too, but is no more than a preview."""
    return Reaction(replies=(KEPT,), opening=Opening.MESSAGE, media_id=media_id(content))
