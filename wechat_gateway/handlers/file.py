"""A file: kept for staff where WeChat says under which id."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, media_id
from wechat_gateway.quota import Opening

KEPT = f"文件收到了,已经留给工作人员看。我自己还打不开文件,{TYPE_INSTEAD}"
NOT_GIVEN = f"看到您发了文件,不过微信没有把文件内容交给我。麻烦截图发来,工作人员能看到图片。{TYPE_INSTEAD}"


@handles("file")
def file(content: Fields) -> Reaction:
    """Say what becomes of it. The platform describes no such push: without an id there is nothing to keep, and we say so."""
    media = media_id(content)
    return Reaction(replies=(KEPT if media else NOT_GIVEN,), opening=Opening.MESSAGE, media_id=media)
