"""Why an answer was given: what is written down of it, whoever found it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from core.clock import now

if TYPE_CHECKING:  # the gateway imports this to forget a follower, and needs no vocabulary for it
    from knowledge.rewrite.change import Change


class Verdict(StrEnum):
    """What became of a question; the values are stored and shown."""

    ANSWERED = "answered"
    REFUSED = "refused"  # nothing is near enough
    LEFT_OPEN = "left_open"  # the best document itself says that it lacks this
    LAPSED = "lapsed"  # only what is not in force speaks of it
    ELSEWHERE = "elsewhere"  # it is about another place
    FAQ = "faq"
    GUIDE = "guide"


@dataclass(frozen=True)
class Rewritten:
    """The question as it was searched, and what had been changed about it."""

    text: str
    changes: Sequence["Change"] = ()


@dataclass(frozen=True)
class Candidate:
    """A policy that was looked at, with what spoke for it; the scores are those of `knowledge.search.Hit`."""

    policy_id: str
    title: str
    lexical: float
    dense: float
    score: float


@dataclass(frozen=True)
class Chosen:
    """A policy that was cited, with the passages shown, word for word."""

    policy_id: str
    passages: Sequence[str]


@dataclass(frozen=True)
class Explanation:
    """Everything that an answer came from.

    Attributes:
        question: as the follower wrote it.
        verdict: what became of it.
        rewritten: the question as it was searched.
        confidence: 0 to 1, of that what was found answers it.
        revision: number of the latest change of the knowledge base that the search knew.
        encoder: name of the model.
        candidates: best first.
        chosen: what the answer cites.
        faq_id: the pair that was told.
        turn_id, follower_id: of the conversation; None: asked by staff or in a measurement.
        asked_at: when.
    """

    question: str
    verdict: Verdict
    rewritten: Rewritten
    confidence: float
    revision: int
    encoder: str
    candidates: Sequence[Candidate] = ()
    chosen: Sequence[Chosen] = ()
    faq_id: int | None = None
    turn_id: int | None = None
    follower_id: int | None = None
    asked_at: datetime = field(default_factory=now)
