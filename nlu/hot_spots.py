"""Two hot spots of Rasa 3.6.21, replaced by equals that remember what never changes.

Together they are two thirds of the time of a message: at every call of an action Rasa checks its own JSON schema for the
answer before it checks the answer, and for every stored event it walks all subclasses of Event to find one by name.
"""

from functools import lru_cache
from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event


def relieve() -> None:
    """Replace them in this process.

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
