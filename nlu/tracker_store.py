"""Conversations in the database, and those of the last minutes in memory as well.

Reading a conversation back from its events costs Rasa a quarter of the time of a message. Each sender speaks to one server
only, one message at a time (the gateway sees to both), so what this server saved last is what it would read.
"""

import itertools
import json
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

MOST = 500  # conversations in memory
LASTS = 300.0  # seconds in memory after a message; a follower who leaves is forgotten here too, by then

# When it was saved (monotonic seconds), the conversation, how many of its events are stored.
_Kept = tuple[float, DialogueStateTracker, int]


class RecentTrackerStore(SQLTrackerStore):
    """Rasa's own store with the recent conversations at hand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._recent: OrderedDict[str, _Kept] = OrderedDict()
        self._stored: dict[str, int] = {}  # of conversations that are being continued

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation so far. Taken out of memory until it is saved: what fails half-way is read anew."""
        self._stored.pop(sender_id, None)
        kept = self._recent.pop(sender_id, None)
        if kept is None:
            return await super().retrieve(sender_id)
        _at, tracker, stored = kept
        self._stored[sender_id] = stored
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what is new of the conversation, and keep it at hand.

        All new events in one statement: Rasa's own way, an object of the mapper for each, costs a fifteenth of a message.
        """
        await self.stream_events(tracker)
        with self.session_scope() as session:
            rows = [_row(tracker.sender_id, event) for event in self._additional_events(session, tracker)]
            if rows:
                session.execute(self.SQLEvent.__table__.insert(), rows)
            session.commit()
        self._stored.pop(tracker.sender_id, None)
        now = time.monotonic()
        self._recent[tracker.sender_id] = (now, tracker, len(tracker.events))
        while len(self._recent) > MOST or next(iter(self._recent.values()))[0] < now - LASTS:
            self._recent.popitem(last=False)

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator:
        stored = self._stored.get(tracker.sender_id)
        if stored is None:
            return super()._additional_events(session, tracker)
        return itertools.islice(tracker.events, stored, None)


def _row(sender: str, event: Event) -> dict[str, Any]:
    """The columns of Rasa's own table for an event."""
    data = event.as_dict()
    return {
        "sender_id": sender,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }
