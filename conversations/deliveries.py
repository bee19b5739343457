"""The state machine of outgoing messages: stored, taken along in the passive reply, or left to sending.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations.models import Channel, Delivery, DeliveryState, Turn
from core.clock import now
from core.db import affected, after_commit, insert_new
from core.logging import get_logger
from core.tasks import enqueue
from wechat_gateway.message import Choice, Menu, Message, Text, dump, load
from wechat_gateway.text import LIMIT, plain, split, typeset

MOVES = {
    DeliveryState.QUEUED: {DeliveryState.SENDING, DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.FAILED},
    DeliveryState.WAITING: {DeliveryState.QUEUED, DeliveryState.FAILED},
    DeliveryState.SENDING: set(DeliveryState) - {DeliveryState.SENDING},
    DeliveryState.SENT: set[DeliveryState](),
    DeliveryState.LEFT: set[DeliveryState](),
    DeliveryState.FAILED: set[DeliveryState](),
}
PICK_UP = timedelta(seconds=20)  # WeChat redelivers within 15 s; after that nobody takes the passive reply any more
WHICH = "请选择:"

log = get_logger()


@dataclass(frozen=True)
class Outgoing:
    """An answer to be sent: what it says, the choices it offers (title and payload), what it rests on."""

    message: Message
    choices: tuple[dict[str, str], ...] = ()
    sources: tuple[dict[str, Any], ...] = ()


def queue(session: Session, turn: Turn, answers: Sequence[Outgoing]) -> None:
    """Store the answers of a turn, in parts that fit one WeChat message each, to be picked up or sent."""
    due = now() if turn.late else now() + PICK_UP
    insert(session, [row | {"due_at": due} for row in rows_of(turn.id, turn.follower_id, answers)])
    if turn.late:
        send_soon(session, turn.follower_id)


def take_for_terminal(session: Session, turn_id: int) -> list[Delivery]:
    """Everything the turn has to say, for `tongqi ask`."""
    rows = session.scalars(select(Delivery).where(Delivery.turn_id == turn_id).order_by(Delivery.id)).all()
    for row in rows:
        if row.state is DeliveryState.QUEUED:
            move(session, row, DeliveryState.SENT, channel=Channel.TERMINAL, sent_at=now())
    return list(rows)


def insert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store deliveries."""
    complete = {"state": DeliveryState.QUEUED, "channel": None, "attempts": 0, "created_at": now()}
    insert_new(session, Delivery, [complete | row for row in rows])


def release_waiting(session: Session, follower_ids: Sequence[int]) -> None:
    """These followers have opened a window: what waited for it may go out."""
    for follower_id in follower_ids:
        waiting = Delivery.follower_id == follower_id, Delivery.state == DeliveryState.WAITING
        for row in session.scalars(select(Delivery).where(*waiting).order_by(Delivery.id)).all():
            move(session, row, DeliveryState.QUEUED, due_at=now())
        send_soon(session, follower_id)


def drop_unsent(session: Session, follower_id: int, reason: str) -> None:
    """Nothing of what is not sent yet will be."""
    unsent = Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.WAITING])
    session.execute(
        update(Delivery)
        .where(Delivery.follower_id == follower_id, unsent)
        .values(state=DeliveryState.FAILED, error=reason)
    )


def move(session: Session, row: Delivery, target: DeliveryState, **values: Any) -> bool:
    """Compare-and-set: False, and nothing changed, when another process has moved the row meanwhile."""
    source = row.state
    if target not in MOVES[source]:
        raise ValueError(f"no move from {source} to {target}")
    session.flush()
    moved = affected(
        session, update(Delivery).where(Delivery.id == row.id, Delivery.state == source).values(state=target, **values)
    )
    session.refresh(row)
    log.info("delivery moved" if moved else "delivery had moved already", delivery=row.id, source=source, target=target)
    return bool(moved)


def message_of(row: Delivery) -> Message:
    """What a stored delivery says, in the form in which a customer-service message says it."""
    if row.choices:
        head = (row.message or {}).get("head", WHICH)
        return Menu(head, tuple(Choice(f"{row.id}.{n}", one["title"]) for n, one in enumerate(row.choices, 1)))
    return load(row.message) if row.message else Text(row.text)


def send_soon(session: Session, follower_id: int) -> None:
    """Have a worker send what is due to the follower, once this transaction has committed."""
    # By name: the task calls sending.py, which calls this module, and jobs carry ids only.
    after_commit(session, lambda: enqueue("conversations.send_due", follower_id))


def rows_of(turn_id: int, follower_id: int, answers: Sequence[Outgoing]) -> list[dict[str, Any]]:
    """Rows to `insert`, but for when they are due; the choices and sources of an answer stand in its last part."""
    rows = []
    for answer in answers:
        parts = _parts(answer)
        for number, (text, message) in enumerate(parts, 1):
            last = number == len(parts)
            rows.append(
                {
                    "turn_id": turn_id,
                    "follower_id": follower_id,
                    "text": text,
                    "message": message,
                    "choices": list(answer.choices) if last else [],
                    "sources": list(answer.sources) if last else [],
                }
            )
    return rows


def _parts(answer: Outgoing) -> list[tuple[str, dict[str, Any] | None]]:
    """(words, form) of each WeChat message that the answer takes."""
    if not isinstance(answer.message, Text):
        return [(answer.message.fallback, dump(answer.message))]
    texts = list(_texts(answer.message.content))
    if not answer.choices:
        return [(text, None) for text in texts]
    titles = tuple(Choice("", choice["title"]) for choice in answer.choices)
    menu = Menu(texts[-1], titles) if texts else Menu(WHICH, titles)
    if len(menu.fallback.encode()) > LIMIT:
        menu = Menu(WHICH, titles)
    else:
        texts = texts[:-1]
    return [*((text, None) for text in texts), (menu.fallback, dump(Menu(menu.head, ())))]


@lru_cache(maxsize=256)  # fixed replies come again and again
def _texts(content: str) -> tuple[str, ...]:
    return tuple(split(typeset(plain(content))))
