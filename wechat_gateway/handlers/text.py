"""A text goes to the dialogue, a tapped choice as what it was offered for."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import handles, intent_named
from wechat_gateway.inbound import text_of
from wechat_gateway.quota import Opening

MAX_TEXT = 2000  # characters
MAX_CHOICE = 64  # characters of a choice's id; longer ones are not ours
NOTHING = "您好像发了一条空消息。想了解什么,直接打字告诉我就行。"


@handles("text")
def text(content: Fields) -> Reaction:
    """Hand the words to the dialogue; a message of blanks is answered at once."""
    words = text_of(content, "Content")[:MAX_TEXT]
    choice = text_of(content, "bizmsgmenuid")
    if choice and len(choice) <= MAX_CHOICE:
        return _tapped(choice, words)
    if not words:
        return Reaction(replies=(NOTHING,), opening=Opening.MESSAGE)
    return Reaction(utterance=words, opening=Opening.MESSAGE)


def _tapped(choice: str, title: str) -> Reaction:
    """A choice of a `msgmenu`; for WeChat that is a menu click, though it comes as a text."""
    if intent := intent_named(choice):
        return Reaction(intent=intent, utterance=title or None, opening=Opening.MOMENT)
    return Reaction(choice=choice, utterance=title or None, opening=Opening.MOMENT)
