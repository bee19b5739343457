"""Whether an answer was useful: two buttons below it, tapped, numbered or typed; also what else is thanks or a complaint."""

import json
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Event, ServiceAction
from bot.actions.choices import PERSON
from bot.client import parse_sender
from core.db import UNAVAILABLE
from core.logging import get_logger
from knowledge.errors import KnowledgeUnavailable
from knowledge.records import service as records

USEFUL, USELESS = "有用", "没用"
NOTED_USEFUL = "谢谢，记下了。还有要问的，直接发给我就行。"
NOTED_USELESS = "记下了，抱歉没帮上忙。您可以换个说法再问一次，或回复“人工”，请工作人员帮您看。"
NOT_NOTED = "抱歉，这会儿没能记下来，请稍后再点一次。"

log = get_logger()


def rating(record: int) -> list[dict[str, str]]:
    """Buttons to rate an answer; none for one that was not written down."""
    if not record:
        return []
    entity = json.dumps({"record": str(record)})
    return [{"title": USEFUL, "payload": f"/thanks{entity}"}, {"title": USELESS, "payload": f"/complaint{entity}"}]


class _Rated(ServiceAction):
    """Notes the rating that a tapped button carries; without one, or one of his own, answers as the intent it is."""

    useful: ClassVar[bool]
    noted: ClassVar[str]
    offered: ClassVar[list[dict[str, str]]] = []
    otherwise: ClassVar[str]

    def answer(self, say: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Note, then say so; never the other way round."""
        record = str(next(tracker.get_latest_entity_values("record"), ""))
        follower_id, _generation = parse_sender(tracker.sender_id)
        try:
            noted = record.isdecimal() and records.rate(int(record), follower_id, self.useful)
        except (*UNAVAILABLE, KnowledgeUnavailable) as error:
            log.warning("rating lost", record=record, error=type(error).__name__)
            say.utter_message(text=NOT_NOTED)
            return []
        if noted:
            say.utter_message(text=self.noted, buttons=self.offered)
        else:
            say.utter_message(response=self.otherwise)
        return []


class Thanks(_Rated):
    """The answer was useful, or somebody says thank you."""

    useful, noted, otherwise = True, NOTED_USEFUL, "utter_thanks"

    def name(self) -> str:
        """Name in the domain."""
        return "action_thanks"


class Complaint(_Rated):
    """The answer was useless, or somebody complains."""

    useful, noted, otherwise = False, NOTED_USELESS, "utter_complaint"
    offered: ClassVar[list[dict[str, str]]] = [PERSON]

    def name(self) -> str:
        """Name in the domain."""
        return "action_complaint"
