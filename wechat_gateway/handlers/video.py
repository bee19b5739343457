"""A video, chosen or filmed in the chat: kept for staff."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, media_id
from wechat_gateway.quota import Opening

KEPT = f"视频收到了,已经留给工作人员看。我自己还看不了视频,{TYPE_INSTEAD}"


@handles("video", "shortvideo")
def video(content: Fields) -> Reaction:
    """Say what becomes of it."""
    return Reaction(replies=(KEPT,), opening=Opening.MESSAGE, media_id=media_id(content))
