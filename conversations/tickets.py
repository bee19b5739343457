"""Tickets: a follower asked for a person, and is told the truth about when one answers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Ticket
from conversations.working_time import due
from core.clock import now
from core.settings import get_district


def open_ticket(session: Session, follower_id: int, question: str, turn_id: int | None = None) -> Ticket:
    """The follower's open ticket: the one of an earlier request, else a new one.

    Asking twice (or repeating a turn after a crash) opens no second ticket and moves no promise.

    Args:
        question: what the follower last wanted, at most 2,000 characters are kept.
        turn_id: the turn that asks, so that staff find the conversation.
    """
    ticket = session.scalar(
        select(Ticket).where(Ticket.follower_id == follower_id, Ticket.closed_at.is_(None)).order_by(Ticket.id)
    )
    if ticket is None:
        opened = now()
        ticket = Ticket(
            follower_id=follower_id,
            turn_id=turn_id,
            question=question[:2000],
            opened_at=opened,
            due_at=due(opened, get_district().working_time),
        )
        session.add(ticket)
        session.flush()
    return ticket
