"""Somebody wants a person: open a ticket and say when it is answered."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Event, ServiceAction, said_before, turn_id, words_of
from bot.client import parse_sender
from conversations.tickets import open_ticket
from conversations.working_time import promise
from core.clock import now
from core.db import transaction

RECENT = 3  # messages that tell what it is about; "人工" alone tells nothing
REGISTERED = "好的，已经帮您登记（编号{number}），工作人员会在{due}回复您。您可以先把情况写在这里，会一并转给他们。"


class OpenTicket(ServiceAction):
    """Registers the wish; asking again opens no second ticket."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_open_ticket"

    def answer(self, say: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Open the ticket, then promise; never the other way round."""
        follower_id, _generation = parse_sender(tracker.sender_id)
        with transaction() as session:
            ticket = open_ticket(session, follower_id, question=_recent_words(tracker), turn_id=turn_id(tracker))
            text = REGISTERED.format(number=ticket.number, due=promise(ticket.due_at, now()))
        say.utter_message(text=text)
        return []


def _recent_words(tracker: Tracker) -> str:
    return "\n".join([*said_before(tracker), words_of(tracker)][-RECENT:]).strip()
