"""Every kind of push, by one contract: a file in handlers/ is enough to take part."""

import importlib
import pkgutil
from collections.abc import Callable

import pytest

from conversations.inbox import Inbound
from core.settings import Settings
from wechat_gateway import handlers
from wechat_gateway.handlers import handles, react
from wechat_gateway.text import LIMIT

KINDS = ["text", "image", "voice", "video", "shortvideo", "location", "link", "file", "miniprogrampage", "new-kind"]
EVENTS = ["subscribe", "unsubscribe", "scan", "click", "view", "location", "templatesendjobfinish", "new-event"]


@pytest.mark.parametrize("kind", [*KINDS, *(f"event:{event}" for event in EVENTS)])
def test_every_kind_is_stored_and_answered_politely_or_not_at_all(
    kind: str, configure: Callable[..., Settings]
) -> None:
    reaction = react(Inbound("o", "k", kind, {}))
    assert all(0 < len(reply.encode()) <= LIMIT for reply in reaction.replies)
    assert reaction.utterance is None  # without words there is nothing for the dialogue
    if not kind.startswith("event:"):
        assert reaction.replies
        assert reaction.opening


def test_only_words_reach_the_dialogue() -> None:
    assert react(Inbound("o", "k", "text", {"Content": " 贷款 "})).utterance == "贷款"
    assert react(Inbound("o", "k", "image", {"Content": "贷款"})).utterance is None


def test_every_file_registers_a_kind() -> None:
    for module in pkgutil.iter_modules(handlers.__path__, f"{handlers.__name__}."):
        own = importlib.import_module(module.name)
        assert any(handler.__module__ == own.__name__ for handler in handlers._HANDLERS.values()), module.name


def test_one_kind_has_one_handler() -> None:
    with pytest.raises(ValueError, match="two handlers"):
        handles("text")(react)  # type: ignore[arg-type]
