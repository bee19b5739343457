"""The state machine of outgoing messages: taken along in the passive reply, or sent as customer-service messages."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations import turns
from conversations.models import Channel, Delivery, DeliveryState, Follower, Turn, TurnState
from core.clock import now
from core.db import affected, after_commit, transaction
from core.logging import get_logger
from core.tasks import enqueue
from wechat_gateway.client import WechatError, get_client
from wechat_gateway.quota import close_windows, reserve
from wechat_gateway.text import merge, plain, split, typeset

MOVES = {
    DeliveryState.QUEUED: {DeliveryState.SENDING, DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.FAILED},
    DeliveryState.WAITING: {DeliveryState.QUEUED, DeliveryState.FAILED},
    DeliveryState.SENDING: {DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.WAITING, DeliveryState.FAILED},
    DeliveryState.SENT: set(),
    DeliveryState.FAILED: set(),
}
PICK_UP = timedelta(seconds=20)  # WeChat redelivers within 15 s; after that nobody takes the passive reply any more
SENDING_LEASE = timedelta(seconds=30)  # more than a call with one renewed token takes
ATTEMPTS = 8
BACK_OFF = timedelta(seconds=2)  # doubled with each attempt: about 8 min in all

log = get_logger()


@dataclass(frozen=True)
class Outgoing:
    """An answer to be sent: its text, the choices it offers, what it rests on."""

    text: str
    choices: tuple[dict[str, str], ...] = ()
    sources: tuple[dict[str, Any], ...] = field(default=())


def queue(session: Session, turn: Turn, answers: list[Outgoing]) -> None:
    """Store the answers of a turn, in parts that fit one WeChat message each, to be picked up or sent."""
    for answer in answers:
        parts = split(typeset(plain(_numbered(answer))))
        for part in parts:
            last = part is parts[-1]
            session.add(
                Delivery(
                    turn_id=turn.id,
                    follower_id=turn.follower_id,
                    text=part,
                    choices=list(answer.choices) if last else [],
                    sources=list(answer.sources) if last else [],
                    due_at=now() if turn.late else now() + PICK_UP,
                )
            )
    session.flush()
    if turn.late:
        _send_soon(session, turn.follower_id)


def take_passively(session: Session, turn_id: int) -> str | None:
    """The text for the passive reply; what does not fit is sent as service messages. None: nothing to be said here.

    A redelivery gets the same text again: WeChat shows it once.
    """
    turn = session.scalars(select(Turn).where(Turn.id == turn_id).with_for_update()).one()
    rows = session.scalars(select(Delivery).where(Delivery.turn_id == turn_id).order_by(Delivery.id)).all()
    taken = [row for row in rows if row.channel is Channel.PASSIVE]
    if not taken and not turn.late:
        queued = [row for row in rows if row.state is DeliveryState.QUEUED]
        taken = _first_message(queued)
        for row in taken:
            _move(session, row, DeliveryState.SENT, channel=Channel.PASSIVE, sent_at=now())
        for row in queued[len(taken) :]:
            row.due_at = now()
        if queued[len(taken) :]:
            _send_soon(session, turn.follower_id)
    return "\n\n".join(row.text for row in taken) or None


def take_for_terminal(session: Session, turn_id: int) -> list[Delivery]:
    """Everything the turn has to say, for `tongqi ask`."""
    rows = session.scalars(select(Delivery).where(Delivery.turn_id == turn_id).order_by(Delivery.id)).all()
    for row in rows:
        if row.state is DeliveryState.QUEUED:
            _move(session, row, DeliveryState.SENT, channel=Channel.TERMINAL, sent_at=now())
    return list(rows)


def release_waiting(session: Session, follower_id: int) -> None:
    """The follower has opened a window: what waited for it may go out."""
    waiting = session.scalars(
        select(Delivery).where(Delivery.follower_id == follower_id, Delivery.state == DeliveryState.WAITING)
    ).all()
    for row in waiting:
        _move(session, row, DeliveryState.QUEUED, due_at=now())
    if waiting:
        _send_soon(session, follower_id)


def due_followers(session: Session, limit: int = 100) -> list[int]:
    """Ids of followers for whom something is due, what a killed worker left half-sent included."""
    stuck = session.scalars(
        select(Delivery).where(Delivery.state == DeliveryState.SENDING, Delivery.due_at < now()).limit(limit)
    ).all()
    for row in stuck:
        _move(session, row, DeliveryState.QUEUED)
    query = select(Delivery.follower_id).where(Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= now())
    return list(session.scalars(query.distinct().limit(limit)))


def send_due(follower_id: int) -> None:
    """Send what is due to one follower, in order, as customer-service messages within the quota.

    Holds no database connection while it waits for WeChat. A process killed between WeChat's acceptance and the commit
    leaves a message `sending`; it is sent again after its lease, since the API has no key to recognise a repetition.
    """
    while (message := _start(follower_id)) is not None:
        delivery_id, openid, text = message
        try:
            get_client().send_text(openid, text)
        except WechatError as error:
            _failed(delivery_id, follower_id, error)
            return  # what follows keeps its place
        with transaction() as session:
            row = session.get_one(Delivery, delivery_id)
            _move(session, row, DeliveryState.SENT, channel=Channel.SERVICE, sent_at=now())


def _start(follower_id: int) -> tuple[int, str, str] | None:
    with transaction() as session:
        follower = session.scalars(select(Follower).where(Follower.id == follower_id).with_for_update()).one()
        unsent = session.scalars(
            select(Delivery)
            .where(
                Delivery.follower_id == follower_id,
                Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.SENDING]),
            )
            .order_by(Delivery.id)
            .limit(1)
        ).first()
        if unsent is None or unsent.state is DeliveryState.SENDING or unsent.due_at > now():
            return None
        if not reserve(session, follower_id):
            _move(session, unsent, DeliveryState.WAITING)
            return None
        _move(session, unsent, DeliveryState.SENDING, attempts=unsent.attempts + 1, due_at=now() + SENDING_LEASE)
        turn = session.get_one(Turn, unsent.turn_id)
        if turn.state is TurnState.ANSWERED and not turn.late:
            turn.late = True
            turns.move(session, turn.id, TurnState.ANSWERED, TurnState.DELIVERED_LATER)
        return unsent.id, follower.openid, unsent.text


def _failed(delivery_id: int, follower_id: int, error: WechatError) -> None:
    with transaction() as session:
        row = session.get_one(Delivery, delivery_id)
        if error.out_of_quota:
            close_windows(session, follower_id)
            _move(session, row, DeliveryState.WAITING, error=str(error))
        elif error.retryable and row.attempts < ATTEMPTS:
            _move(session, row, DeliveryState.QUEUED, error=str(error), due_at=now() + BACK_OFF * 2**row.attempts)
        else:
            _move(session, row, DeliveryState.FAILED, error=str(error))


def _move(session: Session, row: Delivery, target: DeliveryState, **values: Any) -> bool:
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


def _send_soon(session: Session, follower_id: int) -> None:
    # By name: the task calls this module, and jobs carry ids only.
    after_commit(session, lambda: enqueue("conversations.send_due", follower_id))


def _numbered(answer: Outgoing) -> str:
    lines = [f"{number} {choice['title']}" for number, choice in enumerate(answer.choices, 1)]
    return "\n".join([answer.text, *lines])


def _first_message(rows: list[Delivery]) -> list[Delivery]:
    """The leading rows whose texts fit one message together."""
    count = len(rows)
    while count > 1 and len(merge([row.text for row in rows[:count]])) > 1:
        count -= 1
    return rows[:count]
