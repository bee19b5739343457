"""A text goes to the dialogue."""

from typing import Any

from conversations.inbox import Reaction
from wechat_gateway.handlers import handles
from wechat_gateway.quota import Opening

MAX_TEXT = 2000  # characters
NOTHING = "您好像发了一条空消息。想了解什么,直接打字告诉小通就行。"


@handles("text")
def text(content: dict[str, Any]) -> Reaction:
    """Hand the words to the dialogue; a message of blanks is answered at once."""
    words = str(content.get("Content") or "").strip()[:MAX_TEXT]
    if not words:
        return Reaction(replies=(NOTHING,), opening=Opening.MESSAGE)
    return Reaction(utterance=words, opening=Opening.MESSAGE)
