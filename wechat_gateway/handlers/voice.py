"""Spoken words go to the dialogue where WeChat has written them down."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, media_id
from wechat_gateway.handlers.text import MAX_TEXT
from wechat_gateway.inbound import text_of
from wechat_gateway.quota import Opening

NOT_HEARD = f"语音收到了,已经留给工作人员听。我自己还听不懂语音,{TYPE_INSTEAD}"


@handles("voice")
def voice(content: Fields) -> Reaction:
    """`Recognition` is often empty, and WeChat means to withdraw it; the sound is kept for staff either way."""
    words = text_of(content, "Recognition")[:MAX_TEXT]
    if words:
        return Reaction(utterance=words, opening=Opening.MESSAGE, media_id=media_id(content))
    return Reaction(replies=(NOT_HEARD,), opening=Opening.MESSAGE, media_id=media_id(content))
