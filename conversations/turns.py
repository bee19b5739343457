"""The state machine of a turn. Each move is compare-and-set and logged; one turn of a follower runs at a time."""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations import followers
from conversations.models import Delivery, Turn, TurnState
from core.clock import now
from core.db import affected
from core.logging import get_logger

MOVES = {
    TurnState.RECEIVED: {TurnState.RUNNING},
    TurnState.RUNNING: {TurnState.RECEIVED, TurnState.ANSWERED, TurnState.DELIVERED_LATER, TurnState.FAILED},
    TurnState.ANSWERED: {TurnState.DELIVERED_LATER},  # the gateway died before it could hand the answer over
    TurnState.DELIVERED_LATER: set(),
    TurnState.FAILED: set(),
}
_OPEN = (TurnState.RECEIVED, TurnState.RUNNING)
LEASE = timedelta(seconds=15)  # more than one call of the dialogue takes (dialogue.TIMEOUT); renewed before each

log = get_logger()


@dataclass(frozen=True)
class Work:
    """A turn that this thread has claimed."""

    turn_id: int
    attempt: int
    follower_id: int
    session: tuple[int, int]  # follower id and generation: the dialogue session
    utterance: str
    intent: str | None  # told to the dialogue instead of the words
    silent: str | None  # why nothing may be said to the follower (followers.why_silent)
    offered: tuple[dict[str, str], ...]  # choices that the previous answer offered


def move(session: Session, turn_id: int, source: TurnState, target: TurnState, **values: Any) -> bool:
    """Take the turn from one state to the next; False when it is no longer in `source`.

    Raises:
        ValueError: the state machine has no such move.
    """
    if target not in MOVES[source]:
        raise ValueError(f"no move from {source} to {target}")
    attempt = values.pop("of_attempt", None)
    query = update(Turn).where(Turn.id == turn_id, Turn.state == source)
    if attempt is not None:
        query = query.where(Turn.attempts == attempt)
    moved = affected(session, query.values(state=target, **values)) == 1
    log.info("turn moved" if moved else "turn had moved already", turn=turn_id, source=source, target=target)
    return moved


def claim_next(session: Session, follower_id: int) -> Work | None:
    """Claim the follower's oldest turn that waits, or whose process has died; None when there is none, or one runs."""
    follower = followers.lock(session, follower_id)
    turn = session.scalar(  # a running one comes before those that wait for it
        select(Turn).where(Turn.follower_id == follower_id, Turn.state.in_(_OPEN)).order_by(Turn.id).limit(1)
    )
    if turn is None or (turn.state is TurnState.RUNNING and not _died(turn.runner)):
        return None
    if turn.state is TurnState.RUNNING:
        move(session, turn.id, TurnState.RUNNING, TurnState.RECEIVED)
    attempt = turn.attempts + 1
    leased = {"attempts": attempt, "lease_until": now() + LEASE, "runner": this_process()}
    move(session, turn.id, TurnState.RECEIVED, TurnState.RUNNING, **leased)
    return Work(
        turn_id=turn.id,
        attempt=attempt,
        follower_id=follower_id,
        session=followers.next_session(follower),
        utterance=turn.utterance or "",
        intent=turn.intent,
        silent=followers.why_silent(follower),
        offered=_offered_before(session, turn),
    )


def renew_lease(session: Session, work: Work) -> bool:
    """Keep the turn for another while; False when another process has taken it over."""
    query = update(Turn).where(Turn.id == work.turn_id, Turn.attempts == work.attempt, Turn.state == TurnState.RUNNING)
    return affected(session, query.values(lease_until=now() + LEASE)) == 1


def release_expired(session: Session) -> None:
    """Give back turns whose process has died; they are claimed again in order."""
    for turn in session.scalars(select(Turn).where(Turn.state == TurnState.RUNNING)).all():
        if turn.lease_until < now() or _died(turn.runner):
            move(session, turn.id, TurnState.RUNNING, TurnState.RECEIVED, lease_until=now())


def waiting_followers(session: Session, limit: int = 100) -> list[int]:
    """Ids of followers with a turn that nobody has taken in time."""
    query = select(Turn.follower_id).where(Turn.state == TurnState.RECEIVED, Turn.lease_until <= now())
    return list(session.scalars(query.distinct().limit(limit)))


def any_open(session: Session, follower_id: int) -> bool:
    """Whether the follower has a turn that waits or runs."""
    query = select(Turn.id).where(Turn.follower_id == follower_id, Turn.state.in_(_OPEN)).limit(1)
    return session.scalar(query) is not None


def is_finished(session: Session, turn_id: int) -> bool:
    """Whether the turn has its answer (or its apology)."""
    state = session.scalar(select(Turn.state).where(Turn.id == turn_id))
    return state not in _OPEN


def mark_late(session: Session, turn_id: int) -> bool:
    """WeChat gets `success` now; the answer goes out as a service message. False when the turn has just finished."""
    marked = affected(
        session,
        update(Turn).where(Turn.id == turn_id, Turn.state.in_(_OPEN)).values(late=True),
    )
    return marked == 1


def this_process() -> str:
    """Name of this process, by which another one on this machine sees that it has died."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def _died(runner: str | None) -> bool:
    """Whether the process that runs a turn is known to be no more: its lease need not be waited for."""
    host, _, pid = (runner or "").rpartition(":")
    if host != socket.gethostname()[:60]:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _offered_before(session: Session, turn: Turn) -> tuple[dict[str, str], ...]:
    """The choices of the last answer before this turn, if it offered any."""
    last = session.scalar(
        select(Delivery)
        .where(Delivery.follower_id == turn.follower_id, Delivery.turn_id < turn.id)
        .order_by(Delivery.turn_id.desc(), Delivery.id.desc())
        .limit(1)
    )
    return tuple(last.choices) if last else ()
