"""Hot spots of Rasa 3.6.21, relieved. Together they are more than half of the time of a message.

At every call of an action Rasa checks its own JSON schema for the answer before it checks the answer, and for every stored
event it walks all subclasses of Event to find one by name: both are replaced by equals that remember what never changes.
And it leaves SQLite in the mode in which every message flushes a journal to disk several times, on a connection that is
opened for that message.
"""

from functools import lru_cache
from typing import Any

from jsonschema.validators import validator_for
from rasa.core import tracker_store
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from sqlalchemy import event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.pool import QueuePool

_KEPT_OPEN = {"poolclass": QueuePool, "connect_args": {"check_same_thread": False}}


def relieve() -> None:
    """Relieve them in this process.

    Raises:
        AttributeError: another version of Rasa, without them.
    """
    validate_as_before = RemoteAction._validate_action_result
    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
        # An answer that is not valid is told as before.
        return validator.is_valid(result) or validate_as_before(self, result)

    RemoteAction._validate_action_result = validate_action_result
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    event.listen(Engine, "connect", _tune)
    options_as_before = tracker_store.create_engine_kwargs

    def create_engine_kwargs(url: Any) -> dict[str, Any]:
        sqlite = make_url(url).get_backend_name() == "sqlite"
        return _KEPT_OPEN if sqlite else options_as_before(url)

    tracker_store.create_engine_kwargs = create_engine_kwargs


def _tune(connection: Any, _record: object) -> None:
    """Write ahead; a power cut may cost the last moments of a history that the gateway can do without."""
    if type(connection).__module__.startswith("sqlite3"):
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
