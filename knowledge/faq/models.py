"""Tables of the reviewed pairs: an answer that staff have written, and the phrasings of the question that it answers."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.clock import now
from core.db import Base, state_column

ANSWER_CHARACTERS, QUESTION_CHARACTERS, NOTE_CHARACTERS, PERSON_CHARACTERS = 1_000, 200, 200, 80


class FaqState(StrEnum):
    """What may be done with a pair stands in service.py; only a published one is told."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Faq(Base):
    """One pair. What has been published is never altered: a change is a draft that will take its place."""

    __tablename__ = "faqs"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[str] = mapped_column(String(ANSWER_CHARACTERS))
    owner: Mapped[str] = mapped_column(String(PERSON_CHARACTERS))
    """Who keeps the answer right: an office or a person, for staff only."""
    source_policy_id: Mapped[str | None] = mapped_column(String(80))
    """Without this policy in force the pair is not told. No foreign key: a policy may go, and then it is not in force."""
    source_note: Mapped[str] = mapped_column(String(NOTE_CHARACTERS))
    """What the answer rests on besides the policy, or instead of one; followers see it."""
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    """Last day."""
    state: Mapped[FaqState] = mapped_column(state_column(FaqState), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("faqs.id"))
    """The pair whose place it takes when it is published."""
    created_by: Mapped[str] = mapped_column(String(PERSON_CHARACTERS))
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_by: Mapped[str | None] = mapped_column(String(PERSON_CHARACTERS))
    """Who changed the draft last, where somebody did."""
    reviewed_by: Mapped[str | None] = mapped_column(String(PERSON_CHARACTERS))
    reviewed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(index=True)
    """Number of its latest change among all changes of the knowledge base; see knowledge/revision.py."""
    hits: Mapped[int] = mapped_column(default=0)
    """How often it was told."""
    questions: Mapped[list["FaqQuestion"]] = relationship(cascade="all, delete-orphan", order_by="FaqQuestion.id")


class FaqQuestion(Base):
    """One phrasing of a pair's question."""

    __tablename__ = "faq_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    faq_id: Mapped[int] = mapped_column(ForeignKey(Faq.id, ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(String(QUESTION_CHARACTERS))
    encoder: Mapped[str] = mapped_column(String(200))
    """Name of the model that made `vector`."""
    vector: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """float32, of length 1, encoded as a question."""
