"""What was changed about a question before the search, as staff see it under "why did the bot say that"."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Why something was changed; the values are stored and shown."""

    TRADITIONAL = "traditional"
    SPELLING = "spelling"
    PINYIN = "pinyin"
    FULL_FORM = "full form"
    CONTEXT = "context"


@dataclass(frozen=True)
class Change:
    """What stood there, and what it was taken for."""

    kind: Kind
    said: str
    meant: str
