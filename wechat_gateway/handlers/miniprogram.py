"""Mini programs: a page that the follower forwards, or a menu button that opened one."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, quoted
from wechat_gateway.quota import Opening

NOTED = "小程序{title}收到了,已经留给工作人员看。我自己还打不开小程序,{type_instead}"


@handles("miniprogrampage")
def page(content: Fields) -> Reaction:
    """Say that it has arrived. Its picture (`ThumbMediaId`) tells staff no more than the title, so it is not fetched."""
    title = quoted(content, "Title")
    words = NOTED.format(title=f"“{title}”" if title else "", type_instead=TYPE_INSTEAD)
    return Reaction(replies=(words,), opening=Opening.MESSAGE)


@handles("event:view_miniprogram")
def opened(_content: Fields) -> Reaction:
    """The follower is looking at the mini program; WeChat opens no window for it."""
    return Reaction()
