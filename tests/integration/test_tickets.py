"""A ticket for a person: one at a time, with the time by which it is promised."""

from conversations.models import Ticket
from conversations.tickets import open_ticket
from core.db import transaction
from tests.integration.test_turns import say


def test_asking_twice_is_one_ticket_with_one_promise(database: str) -> None:
    accepted = say("人工")
    with transaction() as session:
        first = open_ticket(session, accepted.follower_id, "贷款", accepted.turn_id)
        again = open_ticket(session, accepted.follower_id, "快点", accepted.turn_id)
        assert (first.number, first.due_at) == (again.number, again.due_at)
        assert session.query(Ticket).count() == 1
    with transaction() as session:
        assert session.get_one(Ticket, first.id).number == "T000001"
