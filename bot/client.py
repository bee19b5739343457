"""The gateway's side of the Rasa server: one message in, replies out; every way of failing is one error."""

import time
import zlib
from dataclasses import dataclass, field
from typing import Any

import httpx

from core.once import once
from core.settings import get_settings

MAX_TEXT = 2000  # characters of a message that Rasa gets to see
# Rasa makes two messages of a text with an empty line. The actions write this instead, and it is undone here.
EMPTY_LINE, RASA_EMPTY_LINE = "\n\n", "\n \n"
CONNECT_TIMEOUT = 1.0  # seconds; Rasa runs on this machine or next to it


class RasaUnavailable(RuntimeError):
    """Rasa gave no answer: not reached, too slow, an error, or nothing to say (its way to hide a failed action)."""


class RasaDown(RasaUnavailable):
    """Nobody was there, or he died over it: worth waiting for, since Rasa is started again."""


@dataclass(frozen=True)
class Choice:
    """One thing the follower may pick; the payload is what Rasa is told then."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One message of the bot, in the order it is to be sent."""

    text: str
    choices: tuple[Choice, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """What Rasa understood. The intent may be `nlu_fallback`; the ranking (intent, confidence) holds real ones only."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]


def sender_id(follower_id: int, generation: int) -> str:
    """Rasa's name for a follower's conversation; a new generation starts it afresh."""
    return f"{follower_id}.{generation}"


def parse_sender(sender: str) -> tuple[int, int]:
    """(follower id, generation) of a sender id.

    Raises:
        ValueError: not made by `sender_id`.
    """
    follower, generation = sender.split(".")
    return int(follower), int(generation)


def as_text(text: str) -> str:
    """The text such that Rasa reads it as words: cut, and without the leading slash that would make it a command."""
    text = text.strip()[:MAX_TEXT]
    return f"\N{FULLWIDTH SOLIDUS}{text[1:]}" if text.startswith("/") else text


def converse(
    sender: str, text: str, turn_id: int | None = None, timeout: float = 10.0, *, payload: bool = False
) -> list[Reply]:
    """Say something to the bot.

    Args:
        sender: see `sender_id`; each sender is always sent to the same of `rasa_urls`.
        text: what the follower wrote, or with `payload` a choice's payload.
        turn_id: reaches the actions as metadata, so that what they store names its turn.
        timeout: seconds for the answer.

    Returns:
        At least one reply.

    Raises:
        RasaUnavailable: no answer; nothing is to be shown but an apology.
    """
    url = _url_of(sender)
    message = {
        "sender": sender,
        "message": text if payload else as_text(text) or "?",  # Rasa fails on an empty message
        "metadata": {"turn": turn_id},
    }
    rows = _post(f"{url}/webhooks/rest/webhook", message, timeout)
    try:
        replies = _replies(rows)
    except (AttributeError, KeyError, TypeError) as error:
        raise RasaUnavailable(f"answers in an unknown form: {error!r}") from error
    if not replies:
        raise RasaUnavailable("answered nothing: an action failed, or no model is loaded")
    return replies


def down_for(sender: str) -> float:
    """Seconds since the sender's Rasa server was first found gone; 0 while it answers."""
    since = _down_since.get(_url_of(sender))
    return time.monotonic() - since if since is not None else 0.0


def is_down() -> bool:
    """Whether a Rasa server was gone when it was last asked; a restart takes longer than WeChat waits."""
    return bool(_down_since)


def parse(text: str, timeout: float = 3.0, url: str | None = None) -> Parsed:
    """What Rasa makes of a text, without a conversation.

    Args:
        url: which of `rasa_urls` is asked; by default the first.

    Raises:
        RasaUnavailable: no answer, or no model is loaded.
    """
    shown = _post(f"{url or get_settings().rasa_urls[0]}/model/parse", {"text": as_text(text)}, timeout)
    try:
        ranking = tuple((row["name"], row["confidence"]) for row in shown["intent_ranking"])
        return Parsed(
            intent=shown["intent"]["name"],
            confidence=shown["intent"]["confidence"],
            ranking=tuple(row for row in ranking if row[0] != "nlu_fallback"),
        )
    except (KeyError, TypeError) as error:
        raise RasaUnavailable("understands nothing: no model is loaded") from error


_down_since: dict[str, float] = {}  # monotonic seconds by server


def _url_of(sender: str) -> str:
    """Each sender always speaks to the same server: it alone keeps his messages in order."""
    urls = get_settings().rasa_urls
    return urls[zlib.crc32(sender.encode()) % len(urls)]


@once
def _http() -> httpx.Client:
    """The connections of this process; made on first use, which is after a fork."""
    return httpx.Client()


def _post(url: str, body: dict[str, Any], timeout: float) -> Any:
    token = get_settings().rasa_token.get_secret_value()
    server = url[: url.index("/", len("https://"))]
    try:
        response = _http().post(
            url,
            json=body,
            params={"token": token} if token else None,
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
        )
    except (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ConnectTimeout) as error:
        _down_since.setdefault(server, time.monotonic())
        raise RasaDown(type(error).__name__) from error
    except httpx.HTTPError as error:
        raise RasaUnavailable(f"{type(error).__name__}: {error}") from error
    _down_since.pop(server, None)
    if response.status_code != 200:
        raise RasaUnavailable(f"status {response.status_code}")
    try:
        return response.json()
    except ValueError as error:
        raise RasaUnavailable(f"{type(error).__name__}: {error}") from error


def _replies(rows: list[dict[str, Any]]) -> list[Reply]:
    """Rasa sends what an action says and the JSON that belongs to it as two rows; here they are one reply again."""
    replies: list[Reply] = []
    for row in rows:
        if "text" in row:
            buttons = row.get("buttons", ())
            choices = tuple(Choice(button["title"], button["payload"]) for button in buttons)
            replies.append(Reply(row["text"].replace(RASA_EMPTY_LINE, EMPTY_LINE), choices))
        if "custom" in row and replies:
            last = replies[-1]
            replies[-1] = Reply(last.text, last.choices, {**last.custom, **row["custom"]})
    return replies
