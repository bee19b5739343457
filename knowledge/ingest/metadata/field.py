"""A proposed value with how sure it is and the words it was taken from, and the choice between several such."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

SUREST = 0.98  # nothing read by a pattern is certain
RIVAL = 0.6  # a different value at least this sure casts doubt on the best one
DOUBT = 0.75


@dataclass(frozen=True)
class Field(Generic[T]):
    """What a document seems to say about itself.

    Attributes:
        value: the value; None, "" or an empty list where nothing was found.
        confidence: 0 (nothing found) to 1.
        evidence: the words as they stand in the text, the title or the file name.
    """

    value: T
    confidence: float
    evidence: str


def best(candidates: Iterable[Field[T]], nothing: T) -> Field[T]:
    """The surest candidate (the first among equals); what others confirm is surer, what others deny less so."""
    found = sorted(candidates, key=lambda field: -field.confidence)
    if not found:
        return Field(nothing, 0.0, "")
    first = found[0]
    doubt = 1 - first.confidence
    rivals = False
    for other in found[1:]:
        if _agree(first.value, other.value):
            doubt *= 1 - other.confidence / 2  # half: both often come from the same hand
        elif other.confidence >= RIVAL:
            rivals = True
    confidence = min(SUREST, 1 - doubt) * (DOUBT if rivals else 1.0)
    return Field(first.value, round(confidence, 2), first.evidence)


def _agree(one: object, other: object) -> bool:
    """Whether the values are the same, or one says less than the other, as `2025` does of `2025-03-17`."""
    if isinstance(one, str) and isinstance(other, str):
        return one.startswith(other) or other.startswith(one)
    return one == other
