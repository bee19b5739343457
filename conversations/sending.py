"""Customer-service messages: what is due goes out in order, within WeChat's quota, once."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import dispatch, followers, turns
from conversations.deliveries import message_of, move
from conversations.models import Channel, Delivery, DeliveryState, Turn, TurnState
from conversations.withdrawal import withdraw_outdated
from core.clock import now
from core.db import transaction
from core.logging import get_logger
from wechat_gateway.calls import service
from wechat_gateway.client import get_client
from wechat_gateway.errors import Advice, WechatError
from wechat_gateway.message import Menu, Message, Text
from wechat_gateway.quota import close_windows, reserve

SENDING_LEASE = timedelta(seconds=20)  # more than a call with one renewed token takes, but for the very worst case
ATTEMPTS = 8
BACK_OFF = timedelta(seconds=2)  # doubled with each attempt: about 8 min in all
NO_MENUS = {40008, 48001}  # accounts that may not send msgmenu, test accounts among them

log = get_logger()


@dataclass(frozen=True)
class _Letter:
    delivery_id: int
    follower_id: int
    openid: str
    message: Message


def due_followers(session: Session, limit: int = 100) -> list[int]:
    """Ids of followers for whom something is due, what a killed worker left half-sent included."""
    stuck = session.scalars(
        select(Delivery)
        .where(Delivery.state == DeliveryState.SENDING, Delivery.channel.is_(None), Delivery.due_at < now())
        .limit(limit)
    ).all()
    for row in stuck:
        if dispatch.noted(row.id):
            move(session, row, DeliveryState.LEFT, channel=Channel.SERVICE)
            dispatch.forget(row.id)
        else:
            move(session, row, DeliveryState.QUEUED)
    query = select(Delivery.follower_id).where(Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= now())
    return list(session.scalars(query.distinct().limit(limit)))


def send_due(follower_id: int) -> None:
    """Send what is due to one follower, in order; what finds no quota waits for his next message.

    Holds no database connection while it waits for WeChat.
    """
    while (letter := _start(follower_id)) is not None:
        try:
            _send(letter)
        except (WechatError, ValueError) as error:
            _failed(letter, error)
            return  # what follows keeps its place
        with transaction() as session:
            row = session.get_one(Delivery, letter.delivery_id)
            move(session, row, DeliveryState.SENT, channel=Channel.SERVICE, sent_at=now())
        dispatch.forget(letter.delivery_id)


def _start(follower_id: int) -> _Letter | None:
    """Claim the follower's next message and a place in his quota."""
    with transaction() as session:
        follower = followers.lock(session, follower_id)
        unsent = session.scalars(
            select(Delivery)
            .where(
                Delivery.follower_id == follower_id,
                Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.SENDING]),
                Delivery.channel.is_(None),
            )
            .order_by(Delivery.id)
            .limit(1)
        ).first()
        if unsent is None or unsent.state is DeliveryState.SENDING or unsent.due_at > now():
            return None
        if reason := followers.why_silent(follower):  # the last look before it goes out
            move(session, unsent, DeliveryState.FAILED, error=reason)
            return None
        if not reserve(session, follower_id):
            move(session, unsent, DeliveryState.WAITING)
            return None
        withdraw_outdated(session, unsent.turn_id)
        move(session, unsent, DeliveryState.SENDING, attempts=unsent.attempts + 1, due_at=now() + SENDING_LEASE)
        turn = session.get_one(Turn, unsent.turn_id)
        if turn.state is TurnState.ANSWERED and not turn.late:
            turn.late = True
            turns.move(session, turn.id, TurnState.ANSWERED, TurnState.DELIVERED_LATER)
        return _Letter(unsent.id, follower_id, follower.openid, message_of(unsent))


def _send(letter: _Letter) -> None:
    def has_left() -> None:
        dispatch.note(letter.delivery_id)

    try:
        service.send(get_client(), letter.openid, letter.message, on_sent=has_left)
    except WechatError as error:
        if not (isinstance(letter.message, Menu) and error.code in NO_MENUS):
            raise
        service.send(get_client(), letter.openid, Text(letter.message.fallback), on_sent=has_left)


def _failed(letter: _Letter, error: WechatError | ValueError) -> None:
    dispatch.forget(letter.delivery_id)  # before the next attempt can be taken for this one
    with transaction() as session:
        row = session.get_one(Delivery, letter.delivery_id)
        if isinstance(error, ValueError):  # a message that WeChat would never take
            move(session, row, DeliveryState.FAILED, error=str(error)[:200])
        elif error.out_of_quota:
            close_windows(session, letter.follower_id)
            move(session, row, DeliveryState.WAITING, error=str(error)[:200])
        elif error.advice is Advice.MEND:  # an operator must act; nothing of this is the message's fault
            move(session, row, DeliveryState.WAITING, error=str(error)[:200])
        elif error.retryable and row.attempts < ATTEMPTS:
            due = now() + BACK_OFF * 2**row.attempts
            move(session, row, DeliveryState.QUEUED, error=str(error)[:200], due_at=due)
        else:
            move(session, row, DeliveryState.FAILED, error=str(error)[:200])
