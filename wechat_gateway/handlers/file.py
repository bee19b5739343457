"""A file: kept for staff where WeChat says under which id."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, media_id
from wechat_gateway.quota import Opening

KEPT = f"文件收到了,已经留给工作人员看。我自己还打不开文件,{TYPE_INSTEAD}"


@handles("file")
def file(content: Fields) -> Reaction:
    """Say what becomes of it; the platform describes no such push, so nothing in it is relied on."""
    return Reaction(replies=(KEPT,), opening=Opening.MESSAGE, media_id=media_id(content))
