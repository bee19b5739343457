"""One file for each kind of push. A handler says what the message amounts to; it does no work itself.

To add a kind, add a file here with a function decorated `@handles("image")` or `@handles("event:click")`; it is found
by itself. A kind without a handler is stored and answered politely (`other.py`).
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from conversations.inbox import Inbound, Reaction

Handler = Callable[[dict[str, Any]], Reaction]

_HANDLERS: dict[str, Handler] = {}


def handles(*kinds: str) -> Callable[[Handler], Handler]:
    """Register a handler for these kinds: WeChat's MsgType, or `event:` and the event's name in lower case."""

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            if kind in _HANDLERS:
                raise ValueError(f"two handlers for {kind}")
            _HANDLERS[kind] = handler
        return handler

    return register


def react(inbound: Inbound) -> Reaction:
    """What the message amounts to."""
    handler = _HANDLERS.get(inbound.kind) or _HANDLERS["event:*" if inbound.kind.startswith("event:") else "*"]
    return handler(inbound.content)


for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)
