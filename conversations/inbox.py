"""Every inbound message becomes one row and one turn, committed before WeChat gets any answer."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations import deliveries, followers
from conversations.models import Follower, Message, Turn, TurnState
from core.clock import now
from wechat_gateway.quota import Opening, open_window

GRACE = timedelta(seconds=10)  # the gateway that accepted a turn runs it at once; after that the sweep may


@dataclass(frozen=True)
class Inbound:
    """A message or event as WeChat delivered it."""

    openid: str
    dedup_key: str  # the same for every redelivery, at most 64 characters
    kind: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Reaction:
    """What a handler makes of it: something for the dialogue, or replies that need none."""

    utterance: str | None = None
    replies: tuple[str, ...] = ()
    opening: Opening | None = None  # the customer-service window that WeChat opens for it
    unfollows: bool = False


@dataclass(frozen=True)
class Accepted:
    """The turn of a message; `new` is False for a redelivery."""

    turn_id: int
    follower_id: int
    new: bool = field(default=True)


def accept(session: Session, inbound: Inbound, reaction: Reaction, late: bool = False) -> Accepted:
    """Store the message and its turn once; a redelivery gets the turn that is there already.

    Args:
        late: nobody waits for the answer, it goes out as a service message; the sweep runs the turn.
    """
    follower = followers.get_or_create(session, inbound.openid)  # locks its row: turns of one follower keep their order
    known = _turn_of(session, inbound.dedup_key)
    if known is not None:
        return Accepted(known.id, known.follower_id, new=False)
    message = Message(follower_id=follower.id, dedup_key=inbound.dedup_key, kind=inbound.kind, content=inbound.content)
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError:  # the openid was anonymised in between, so another follower row held the lock
        known = _turn_of(session, inbound.dedup_key)
        if known is None:
            raise
        return Accepted(known.id, known.follower_id, new=False)
    turn = _open_turn(session, follower, message, reaction, late)
    if reaction.opening:
        open_window(session, follower.id, reaction.opening)
    if reaction.unfollows:
        followers.forget(session, follower)
    elif reaction.opening:
        followers.welcome_back(follower)
        deliveries.release_waiting(session, follower.id)
    return Accepted(turn.id, follower.id)


def _open_turn(session: Session, follower: Follower, message: Message, reaction: Reaction, late: bool) -> Turn:
    turn = Turn(
        message_id=message.id,
        follower_id=follower.id,
        utterance=reaction.utterance,
        state=TurnState.RECEIVED if reaction.utterance is not None else TurnState.ANSWERED,
        late=late,
        lease_until=now() if late else now() + GRACE,
        finished_at=None if reaction.utterance is not None else now(),
    )
    session.add(turn)
    session.flush()
    deliveries.queue(session, turn, [deliveries.Outgoing(reply) for reply in reaction.replies])
    return turn


def _turn_of(session: Session, dedup_key: str) -> Turn | None:
    return session.scalar(select(Turn).join(Message).where(Message.dedup_key == dedup_key))
