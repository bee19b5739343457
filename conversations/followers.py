"""Followers: found or created by openid, forgotten when they leave."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations.models import Delivery, DeliveryState, Follower, Message, Ticket, Turn
from core.clock import now
from wechat_gateway.quota import close_windows

TURNS_PER_GENERATION = 30  # about 200 events in Rasa; a longer history makes every message slower


def get_or_create(session: Session, openid: str) -> Follower:
    """The follower with this openid, its row locked until the transaction ends."""
    query = select(Follower).where(Follower.openid == openid).with_for_update()
    follower = session.scalar(query)
    if follower is None:
        try:
            with session.begin_nested():
                session.add(Follower(openid=openid))
        except IntegrityError:
            pass  # another gateway has just created the row
        follower = session.scalars(query).one()
    return follower


def lock(session: Session, follower_id: int) -> Follower:
    """The follower, its row locked until the transaction ends: whatever orders turns holds this lock."""
    return session.scalars(select(Follower).where(Follower.id == follower_id).with_for_update()).one()


def next_session(follower: Follower) -> tuple[int, int]:
    """(follower id, generation) of the dialogue session that the coming turn belongs to."""
    if follower.generation_turns >= TURNS_PER_GENERATION:
        follower.generation += 1
        follower.generation_turns = 0
    follower.generation_turns += 1
    return follower.id, follower.generation


def welcome_back(follower: Follower) -> None:
    """The follower writes or follows (again)."""
    follower.subscribed = True
    follower.unsubscribed_at = None


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
    close_windows(session, follower.id)
    session.execute(update(Message).where(Message.follower_id == follower.id).values(content={}))
    session.execute(
        update(Turn).where(Turn.follower_id == follower.id, Turn.utterance.is_not(None)).values(utterance="")
    )
    session.execute(update(Ticket).where(Ticket.follower_id == follower.id).values(question="", closed_at=now()))
    session.execute(
        update(Delivery)
        .where(Delivery.follower_id == follower.id, Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.WAITING]))
        .values(state=DeliveryState.FAILED, error="unsubscribed")
    )
    session.execute(update(Delivery).where(Delivery.follower_id == follower.id).values(text="", choices=[], sources=[]))
