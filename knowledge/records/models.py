"""Tables of what was answered and why, and of what was asked in vain."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, state_column
from knowledge.faq.models import Faq
from knowledge.records.explanation import Verdict


class Rating(StrEnum):
    """What the follower said of his answer."""

    USEFUL = "useful"
    USELESS = "useless"


class AnswerRecord(Base):
    """One answer, with what explains it; the parts in JSON are those of explanation.py.

    It names a follower and holds his words, so it goes with him, and after 180 days anyway (retention.py). Turn and follower
    are numbers without foreign keys: conversations is a layer beside this one.
    """

    __tablename__ = "answer_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int | None]
    follower_id: Mapped[int | None] = mapped_column(index=True)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    question: Mapped[str] = mapped_column(Text)
    rewritten: Mapped[dict[str, Any]] = mapped_column(JSON)
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    chosen: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    verdict: Mapped[Verdict] = mapped_column(state_column(Verdict))
    confidence: Mapped[float]
    faq_id: Mapped[int | None]
    revision: Mapped[int]
    encoder: Mapped[str] = mapped_column(String(200))
    rating: Mapped[Rating | None] = mapped_column(state_column(Rating))
    rated_at: Mapped[datetime | None]
    counted_in: Mapped[int | None]
    """Id of the open question that counts this one; without a foreign key, as that one may be withdrawn."""


class Reason(StrEnum):
    """Why staff should look at a question."""

    UNANSWERED = "unanswered"
    USELESS = "useless"


class QuestionState(StrEnum):
    """The only move is open -> done."""

    OPEN = "open"
    DONE = "done"


class OpenQuestion(Base):
    """What followers asked in vain, told once however often it was asked; masked, and naming nobody."""

    __tablename__ = "open_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    """As it was first asked, without phone and identity numbers."""
    encoder: Mapped[str] = mapped_column(String(200))
    """Name of the model that made `vector`."""
    vector: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """float32, of length 1, of the masked text encoded as a question."""
    count: Mapped[int] = mapped_column(default=1)
    first_asked_at: Mapped[datetime]
    last_asked_at: Mapped[datetime]
    reason: Mapped[Reason] = mapped_column(state_column(Reason))
    state: Mapped[QuestionState] = mapped_column(state_column(QuestionState), default=QuestionState.OPEN, index=True)
    done_by: Mapped[str | None] = mapped_column(String(80))
    faq_id: Mapped[int | None] = mapped_column(ForeignKey(Faq.id))
    """The pair that was written for it."""
