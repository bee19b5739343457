"""A forwarded article or page."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, quoted
from wechat_gateway.quota import Opening

NOTED = "链接{title}收到了,已经留给工作人员看。我自己还打不开链接,{type_instead}"


@handles("link")
def link(content: Fields) -> Reaction:
    """Say that it has arrived, by its title. Its address is never opened: anybody can send one."""
    title = quoted(content, "Title")
    words = NOTED.format(title=f"《{title}》" if title else "", type_instead=TYPE_INSTEAD)
    return Reaction(replies=(words,), opening=Opening.MESSAGE)
