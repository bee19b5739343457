"""Client of the Rasa server: one call for a turn of the dialogue, one for understanding alone."""

import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from core.settings import get_settings

MAX_TEXT = 2000  # characters of one message
PARSE_TIMEOUT = 3.0  # seconds


class RasaUnavailable(Exception):
    """The dialogue gave no answer: unreachable, too slow, an error, or the empty list that a failed action leaves."""


@dataclass(frozen=True)
class Choice:
    """Something the follower may pick; `payload` is what the dialogue is told then, such as `/human`."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One message of the dialogue."""

    text: str
    choices: tuple[Choice, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """What the words were understood as; `ranking` are the intents by falling confidence (0 to 1)."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()


def sender_id(follower_id: int, generation: int) -> str:
    """Rasa's name for a dialogue session."""
    return f"{follower_id}.{generation}"


def parse_sender(sender: str) -> int:
    """The follower id of a sender."""
    return int(sender.partition(".")[0])


def converse(sender: str, text: str, *, turn_id: int | None, timeout: float, payload: bool = False) -> list[Reply]:
    """Tell the dialogue what the follower said.

    Args:
        turn_id: lets an action that is repeated recognise the repetition.
        timeout: seconds; Rasa's own limit is five minutes.
        payload: the text is a choice of ours. Otherwise a leading `/` is taken off: it would be a command.

    Raises:
        RasaUnavailable: no answer, or an empty one.
    """
    words = text[:MAX_TEXT] if payload else text[:MAX_TEXT].lstrip("/ ") or "?"
    body = {"sender": sender, "message": words, "metadata": {"turn": turn_id}}
    messages = _post(sender, "/webhooks/rest/webhook", body, timeout)
    replies = [_reply(message) for message in messages]
    if not replies:
        raise RasaUnavailable("empty answer")
    return replies


def parse(text: str) -> Parsed:
    """Understand the words without a conversation.

    Raises:
        RasaUnavailable: the server is away or has no model.
    """
    parsed = _post(text, "/model/parse", {"text": text[:MAX_TEXT]}, PARSE_TIMEOUT)
    ranking = tuple((each["name"], each["confidence"]) for each in parsed.get("intent_ranking", ()))
    return Parsed(parsed["intent"]["name"], parsed["intent"]["confidence"], ranking)


def _post(route: str, path: str, body: dict[str, Any], timeout: float) -> Any:
    settings = get_settings()
    urls = settings.rasa_urls
    url = urls[zlib.crc32(route.encode()) % len(urls)]  # a sender always goes to the same server: it keeps the order
    token = settings.rasa_token.get_secret_value()
    try:
        response = _http().post(url + path, params={"token": token} if token else None, json=body, timeout=timeout)
        response.raise_for_status()
        return response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise RasaUnavailable(type(error).__name__) from error


def _reply(message: dict[str, Any]) -> Reply:
    choices = tuple(Choice(button["title"], button["payload"]) for button in message.get("buttons", ()))
    custom = message.get("custom") or {}
    return Reply(message.get("text") or "", choices, custom)


@cache
def _http() -> httpx.Client:
    return httpx.Client(limits=httpx.Limits(max_connections=64))
