"""The state machine of outgoing messages: stored, taken along in the passive reply, or left to sending.py."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations import followers
from conversations.models import Channel, Delivery, DeliveryState, Turn
from core.clock import now
from core.db import UNAVAILABLE, affected, after_commit, insert_new, transaction
from core.logging import get_logger
from core.tasks import enqueue
from wechat_gateway.message import Article, Choice, Image, Menu, Message, Text, Transfer, dump, load
from wechat_gateway.text import LIMIT, merge, plain, split, typeset

MOVES = {
    DeliveryState.QUEUED: {DeliveryState.SENDING, DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.FAILED},
    DeliveryState.WAITING: {DeliveryState.QUEUED, DeliveryState.FAILED},
    DeliveryState.SENDING: set(DeliveryState) - {DeliveryState.SENDING},
    DeliveryState.SENT: set[DeliveryState](),
    DeliveryState.LEFT: set[DeliveryState](),
    DeliveryState.FAILED: set[DeliveryState](),
}
PICK_UP = timedelta(seconds=20)  # WeChat redelivers within 15 s; after that nobody takes the passive reply any more
REDELIVERY_GAP = timedelta(seconds=10)  # so long after an unread reply WeChat has asked again, if anybody was there
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
    insert(session, [row | {"due_at": due} for row in _rows(turn.id, turn.follower_id, answers)])
    if turn.late:
        send_soon(session, turn.follower_id)


def hand_over(
    session: Session, turn_id: int, follower_id: int, answers: Sequence[Outgoing], *, late: bool
) -> tuple[Message | None, list[dict[str, Any]]]:
    """Answers that are known at once: the passive reply, unless nobody waits for one (`late`), and rows to `insert`."""
    rows = [row | {"due_at": now()} for row in _rows(turn_id, follower_id, answers)]
    message, count = (
        (None, 0) if late else _passive([_Said(row["text"], row["message"], row["choices"]) for row in rows])
    )
    for row in rows[:count]:
        row |= {"state": DeliveryState.SENDING, "channel": Channel.PASSIVE, "due_at": now() + PICK_UP}
    if rows[count:]:
        send_soon(session, follower_id)
    return message, rows


class OthersFirst(Exception):
    """Something older is still on its way to the follower; a passive reply would overtake it."""


def take_passively(session: Session, turn_id: int, follower_id: int) -> Message | None:
    """What the passive reply says; what does not fit is sent as service messages. None: nothing to be said here.

    A redelivery gets the same again: WeChat shows it once.

    Raises:
        OthersFirst: nothing is taken yet.
    """
    followers.lock(session, follower_id)  # nobody else begins to send it
    rows = session.scalars(select(Delivery).where(Delivery.turn_id == turn_id).order_by(Delivery.id)).all()
    taken = [row for row in rows if row.channel is Channel.PASSIVE]
    if taken or session.get_one(Turn, turn_id).late:
        return _passive(taken)[0]
    queued = [row for row in rows if row.state is DeliveryState.QUEUED]
    if queued and _older_unsent(session, queued[0]):
        raise OthersFirst
    message, count = _passive(queued)
    for row in queued[:count]:
        move(session, row, DeliveryState.SENDING, channel=Channel.PASSIVE, due_at=now() + PICK_UP)
    for row in queued[count:]:
        row.due_at = now()
    if queued[count:]:
        send_soon(session, follower_id)
    return message


def give_back(session: Session, turn_id: int) -> None:
    """WeChat has hung up before the passive reply was written: it goes out as a service message."""
    given_back = update(Delivery).where(
        Delivery.turn_id == turn_id, Delivery.state == DeliveryState.SENDING, Delivery.channel == Channel.PASSIVE
    )
    session.execute(given_back.values(state=DeliveryState.QUEUED, channel=None, due_at=now() + PICK_UP))
    log.info("passive reply given back", turn=turn_id)


def take_for_terminal(session: Session, turn_id: int) -> list[Delivery]:
    """Everything the turn has to say, for `tongqi ask`."""
    rows = session.scalars(select(Delivery).where(Delivery.turn_id == turn_id).order_by(Delivery.id)).all()
    for row in rows:
        if row.state is DeliveryState.QUEUED:
            move(session, row, DeliveryState.SENT, channel=Channel.TERMINAL, sent_at=now())
    return list(rows)


def settle_passive(session: Session) -> None:
    """When a gateway starts: decide what became of replies that its predecessor was writing when it died.

    WeChat asks again for a reply that it did not get, so a young one needs nothing. For an old one nobody was there to
    be asked again: it goes out as a service message, rather twice than never.
    """
    unconfirmed = (Delivery.state == DeliveryState.SENDING, Delivery.channel == Channel.PASSIVE)
    old = Delivery.due_at < now() + PICK_UP - REDELIVERY_GAP
    requeued = affected(
        session,
        update(Delivery).where(*unconfirmed, old).values(state=DeliveryState.QUEUED, channel=None, due_at=now()),
    )
    settled = affected(session, update(Delivery).where(*unconfirmed).values(state=DeliveryState.SENT, sent_at=now()))
    log.info("passive replies settled", sent=settled, queued=requeued)


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


class Confirmations:
    """Notes which passive replies have been written to WeChat: those of a moment in one transaction."""

    EVERY = 0.25  # seconds

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: list[int] = []
        self._timer: threading.Timer | None = None

    def add(self, turn_id: int) -> None:
        """The reply of this turn has gone out."""
        with self._lock:
            self._turns.append(turn_id)
            if self._timer is None:
                self._timer = threading.Timer(self.EVERY, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what there is; without a database it is tried again with the next reply."""
        with self._lock:
            batch, self._turns, self._timer = self._turns, [], None
        try:
            with transaction() as session:
                session.execute(
                    update(Delivery)
                    .where(
                        Delivery.turn_id.in_(batch),
                        Delivery.state == DeliveryState.SENDING,
                        Delivery.channel == Channel.PASSIVE,
                    )
                    .values(state=DeliveryState.SENT, sent_at=now())
                )
        except UNAVAILABLE as error:
            log.warning("replies not confirmed yet", count=len(batch), error=type(error).__name__)
            with self._lock:
                self._turns += batch


@cache
def get_confirmations() -> Confirmations:
    """The confirmations of this process."""
    return Confirmations()


class _Says(Protocol):
    """What a passive reply needs to know of a delivery."""

    text: str
    message: dict[str, Any] | None
    choices: list[dict[str, str]]


@dataclass
class _Said:
    """A delivery that is not stored yet."""

    text: str
    message: dict[str, Any] | None
    choices: list[dict[str, str]]


def _rows(turn_id: int, follower_id: int, answers: Sequence[Outgoing]) -> list[dict[str, Any]]:
    """Rows of the answers; the choices and sources of one stand in its last part."""
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


def _older_unsent(session: Session, row: Delivery) -> bool:
    older = select(Delivery.id).where(
        Delivery.follower_id == row.follower_id,
        Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.SENDING]),
        Delivery.channel.is_(None),
        Delivery.id < row.id,
    )
    return session.scalar(older.limit(1)) is not None


def _passive(rows: Sequence[_Says]) -> tuple[Message | None, int]:
    """The passive reply that the leading rows make, and how many of them it takes."""
    if not rows:
        return None, 0
    first = load(rows[0].message) if rows[0].message and not rows[0].choices else None
    if isinstance(first, (Image, Article, Transfer)):
        return first, 1
    count = 1
    while count < len(rows) and _fits(rows[: count + 1]):
        count += 1
    return Text("\n\n".join(row.text for row in rows[:count])), count


def _fits(rows: Sequence[_Says]) -> bool:
    last = rows[-1]
    is_text = last.message is None or bool(last.choices)
    return is_text and len(merge([row.text for row in rows])) == 1
