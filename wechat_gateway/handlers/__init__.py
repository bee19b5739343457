"""One file for each kind of push. A handler says what the message amounts to; it does no work itself.

To add a kind, add a file here with a function decorated `@handles("image")` or `@handles("event:click")`; it is found
by itself. A kind without a handler is stored and answered politely (`other.py`).
"""

import importlib
import pkgutil
from collections.abc import Callable

from bot.intents import INTENTS
from conversations.inbox import Inbound, Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.inbound import MAX_KIND, text_of

Handler = Callable[[Fields], Reaction]

TYPE_INSTEAD = "想问什么,打字告诉我就行;要工作人员答复您,回复“人工”。"
MAX_MEDIA_ID = 200  # characters; WeChat's are about 64
MAX_QUOTED = 60  # characters

_MARKUP = str.maketrans("<>", "〈〉")
_HANDLERS: dict[str, Handler] = {}


def handles(*kinds: str) -> Callable[[Handler], Handler]:
    """Register a handler for these kinds: WeChat's MsgType, or `event:` and the event's name, in lower case."""

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            if kind[:MAX_KIND] in _HANDLERS:
                raise ValueError(f"two handlers for {kind}")
            _HANDLERS[kind[:MAX_KIND]] = handler
        return handler

    return register


def react(inbound: Inbound) -> Reaction:
    """What the message amounts to."""
    handler = _HANDLERS.get(inbound.kind) or _HANDLERS["event:*" if inbound.kind.startswith("event:") else "*"]
    return handler(inbound.content)


def intent_named(name: str) -> str | None:
    """`/name` where a button's key names one of the intents, with or without the slash."""
    bare = name.removeprefix("/")
    return f"/{bare}" if bare in INTENTS else None


def media_id(content: Fields) -> str | None:
    """Under which WeChat keeps what was sent; a cut one would fetch nothing."""
    name = text_of(content, "MediaId")
    return name if 0 < len(name) <= MAX_MEDIA_ID else None


def quoted(content: Fields, name: str) -> str:
    """A field fit to be repeated to the follower: one short line, in which a stranger's markup makes no link of ours."""
    return " ".join(text_of(content, name).translate(_MARKUP).split())[:MAX_QUOTED]


for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)
