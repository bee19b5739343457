"""Passive replies: taken along in the answer to a delivery, given again to the next one, noted as sent once written."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations import followers
from conversations.deliveries import PICK_UP, Outgoing, move, rows_of, send_soon
from conversations.models import Channel, Delivery, DeliveryState, Turn
from conversations.withdrawal import withdraw_outdated
from core.clock import now
from core.db import UNAVAILABLE, affected, transaction
from core.logging import get_logger
from core.once import once
from wechat_gateway.message import Article, Image, Message, Text, Transfer, load
from wechat_gateway.text import merge

REDELIVERY_GAP = timedelta(seconds=10)  # so long after an unread reply WeChat has asked again, if anybody was there

log = get_logger()


class OthersFirst(Exception):
    """Something older is still on its way to the follower; a passive reply would overtake it."""


def take(session: Session, turn_id: int, follower_id: int) -> Message | None:
    """What the passive reply says; what does not fit is sent as service messages. None: nothing to be said here.

    A redelivery gets the same again: WeChat shows it once.

    Raises:
        OthersFirst: nothing is taken yet.
    """
    followers.lock(session, follower_id)  # nobody else begins to send it
    withdraw_outdated(session, turn_id)
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


def hand_over(
    session: Session, turn_id: int, follower_id: int, answers: Sequence[Outgoing], *, late: bool
) -> tuple[Message | None, list[dict[str, Any]]]:
    """Answers that are known at once: the passive reply, unless nobody waits for one (`late`), and rows to `insert`."""
    moment = now()
    rows = [row | {"due_at": moment} for row in rows_of(turn_id, follower_id, answers)]
    message, count = (
        (None, 0) if late else _passive([_Said(row["text"], row["message"], row["choices"]) for row in rows])
    )
    for row in rows[:count]:
        row |= {"state": DeliveryState.SENDING, "channel": Channel.PASSIVE, "due_at": moment + PICK_UP}
    if rows[count:]:
        send_soon(session, follower_id)
    return message, rows


def give_back(session: Session, turn_id: int) -> None:
    """WeChat has hung up before the passive reply was written: it goes out as a service message."""
    given_back = update(Delivery).where(
        Delivery.turn_id == turn_id, Delivery.state == DeliveryState.SENDING, Delivery.channel == Channel.PASSIVE
    )
    session.execute(given_back.values(state=DeliveryState.QUEUED, channel=None, due_at=now() + PICK_UP))
    log.info("passive reply given back", turn=turn_id)


def settle(session: Session) -> None:
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


class Confirmations:
    """Notes which passive replies have been written to WeChat: those of a moment in one transaction."""

    EVERY = 0.25  # seconds

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()
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
        with self._writing:
            with self._lock:
                if self._timer is not None:
                    self._timer.cancel()
                batch, self._turns, self._timer = self._turns, [], None
            if batch:
                self._write(batch)

    def _write(self, batch: list[int]) -> None:
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


@once
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
