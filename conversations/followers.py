"""Followers: found or created by openid, forgotten when they leave."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from conversations import attachments
from conversations.models import Delivery, DeliveryState, Follower, Message, Ticket, Turn
from core import forgetting
from core.clock import now
from core.db import insert_new
from wechat_gateway.quota import close_windows

AGENT_SESSION_LASTS = timedelta(minutes=30)  # of WeChat's own human service; see desk.py
_COLUMNS = Follower.__table__.c
_WAITING = exists().where(Delivery.follower_id == _COLUMNS.id, Delivery.state == DeliveryState.WAITING)
_KNOWN = (  # in the order of ids, so that two gateways do not wait for each other in a circle
    select(_COLUMNS.id, _COLUMNS.openid, _COLUMNS.subscribed, _COLUMNS.agent, _WAITING.label("waiting"))
    .where(_COLUMNS.openid.in_(bindparam("openids", expanding=True)))
    .order_by(_COLUMNS.id)
    .with_for_update(key_share=True)
)
TURNS_PER_GENERATION = 30  # about 200 events in Rasa; a longer history makes every message slower


def get_or_create(session: Session, subscribed: Mapping[str, bool]) -> dict[str, Any]:
    """The followers with these openids, their rows locked until the transaction ends.

    Rows of (id, openid, subscribed, agent, waiting): whether WeChat's desk has him, whether deliveries wait for him.

    Args:
        subscribed: what a new row says, by openid; False for a sender who follows nobody, such as WeChat's robots.
    """
    found = {row.openid: row for row in session.execute(_KNOWN, {"openids": list(subscribed)})}
    if missing := [openid for openid in subscribed if openid not in found]:
        fresh = {"created_at": now(), "generation": 0, "generation_turns": 0}
        rows = [{"openid": openid, "subscribed": subscribed[openid], **fresh} for openid in missing]
        insert_new(session, Follower, rows)  # another gateway may have created some meanwhile
        found = {row.openid: row for row in session.execute(_KNOWN, {"openids": list(subscribed)})}
    return found


def lock(session: Session, follower_id: int) -> Follower:
    """The follower, its row locked until the transaction ends.

    Whatever orders a follower's turns or deliveries takes this lock first, so nobody waits for each other in a circle.
    """
    return session.scalars(select(Follower).where(Follower.id == follower_id).with_for_update(key_share=True)).one()


def next_session(follower: Follower) -> tuple[int, int]:
    """(follower id, generation) of the dialogue session that the coming turn belongs to."""
    if follower.generation_turns >= TURNS_PER_GENERATION:
        follower.generation += 1
        follower.generation_turns = 0
    follower.generation_turns += 1
    return follower.id, follower.generation


def welcome_back(session: Session, row: Any) -> None:
    """The follower writes or follows (again), and it reaches us: so no agent of WeChat's has him any more."""
    if row.agent or not row.subscribed:
        follower = session.get_one(Follower, row.id)
        follower.agent = follower.agent_since = None
        follower.subscribed, follower.unsubscribed_at = True, None


def why_silent(follower: Follower) -> str | None:
    """Why nothing may be said to the follower now: asked before the bot answers, and again before anything goes out."""
    if not follower.subscribed:
        return "unsubscribed"
    since = follower.agent_since
    if follower.agent and since is not None and now() < since + AGENT_SESSION_LASTS:
        return "taken over"
    return None


def to_forget_in_dialogue(session: Session, limit: int = 100) -> list[Follower]:
    """Followers who have left and whose words the dialogue still keeps."""
    query = select(Follower).where(Follower.subscribed.is_(False), Follower.generation_turns > 0)
    return list(session.scalars(query.limit(limit)))


def forget(session: Session, follower: Follower) -> None:
    """Remove what identifies the follower and what he wrote: WeChat requires it on unsubscribing. Counts stay.

    The dialogue's own store follows with the next sweep (`to_forget_in_dialogue`).
    """
    follower.openid = f"gone:{follower.id}"
    follower.subscribed = False
    follower.unsubscribed_at = now()
    follower.generation += 1
    follower.source = follower.agent = follower.agent_since = None
    close_windows(session, follower.id)
    attachments.forget(session, follower.id)
    forgetting.forget(session, follower.id)
    session.execute(update(Message).where(Message.follower_id == follower.id).values(content={}))
    session.execute(
        update(Turn)
        .where(Turn.follower_id == follower.id, Turn.utterance.is_not(None))
        .values(utterance="", intent=None)
    )
    session.execute(update(Ticket).where(Ticket.follower_id == follower.id).values(question="", closed_at=now()))
    session.execute(
        update(Delivery)
        .where(Delivery.follower_id == follower.id, Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.WAITING]))
        .values(state=DeliveryState.FAILED, error="unsubscribed")
    )
    session.execute(
        update(Delivery)
        .where(Delivery.follower_id == follower.id)
        .values(text="", message=None, choices=[], sources=[])
    )
