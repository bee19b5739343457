"""Questions asked in vain, for staff: each told once, with how often it was asked.

Two processes that meet the same new question at the same moment may open it twice; the counts still add up.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session, undefer

from core.db import affected, reading, transaction
from core.logging import get_logger
from core.security import mask
from knowledge.encoder import Vectors, get_encoder
from knowledge.errors import NotPossible
from knowledge.faq.models import Faq
from knowledge.index.terms import bigrams
from knowledge.records.models import OpenQuestion, QuestionState, Reason
from knowledge.rewrite.tidy import MAX_CHARACTERS

SAME = 0.93  # cosine from which on two questions are one
COMPARED = 2_000  # open questions, those asked last, that a new one is compared with: 3 MB of vectors

log = get_logger()


@dataclass(frozen=True)
class Met:
    """A question asked in vain, ready to be counted.

    Attributes:
        text: masked.
        reason: why staff should look at it.
        encoder, vector: of the masked text.
        same_as: id of the open question that it counts in; None: it is new.
    """

    text: str
    reason: Reason
    encoder: str
    vector: Vectors
    same_as: int | None


def meet(question: str, reason: Reason) -> Met:
    """Look for an open question that is the same. It takes some milliseconds and belongs before the transaction.

    Raises:
        KnowledgeUnavailable: the embedding model is missing.
    """
    encoder = get_encoder()
    text = mask(question)[:MAX_CHARACTERS]
    vector = encoder.question(text)
    query = (
        select(OpenQuestion)
        .where(OpenQuestion.state == QuestionState.OPEN, OpenQuestion.reason == reason)
        .where(OpenQuestion.encoder == encoder.name)
        .order_by(OpenQuestion.last_asked_at.desc(), OpenQuestion.id)
        .limit(COMPARED)
        .options(undefer(OpenQuestion.vector))
    )
    with reading() as session:
        rows = session.scalars(query).all()
    near = [(float(np.frombuffer(row.vector, np.float32) @ vector), row) for row in rows]
    same = [(cosine, row.id) for cosine, row in near if cosine >= SAME and _share_words(row.text, text)]
    return Met(text, reason, encoder.name, vector, max(same)[1] if same else None)


def count(session: Session, met: Met, at: datetime) -> int:
    """Count a question where it belongs, or open it; id of the open question."""
    if met.same_as is not None:
        one_more = (
            update(OpenQuestion)
            .where(OpenQuestion.id == met.same_as, OpenQuestion.state == QuestionState.OPEN)
            .values(
                count=OpenQuestion.count + 1,  # two processes may come in another order than they were asked
                first_asked_at=case((OpenQuestion.first_asked_at > at, at), else_=OpenQuestion.first_asked_at),
                last_asked_at=case((OpenQuestion.last_asked_at < at, at), else_=OpenQuestion.last_asked_at),
            )
        )
        if affected(session, one_more):
            return met.same_as
    row = OpenQuestion(
        text=met.text,
        encoder=met.encoder,
        vector=met.vector.tobytes(),
        first_asked_at=at,
        last_asked_at=at,
        reason=met.reason,
    )
    session.add(row)
    session.flush()
    return row.id


def withdraw(session: Session, question_id: int) -> None:
    """Count one less, as somebody has thought better of his rating; what nobody asks any more goes."""
    is_open = (OpenQuestion.id == question_id, OpenQuestion.state == QuestionState.OPEN)
    session.execute(update(OpenQuestion).where(*is_open).values(count=OpenQuestion.count - 1))
    session.execute(delete(OpenQuestion).where(*is_open, OpenQuestion.count <= 0))


def listing(limit: int) -> list[OpenQuestion]:
    """Open questions, those asked most often first."""
    query = (
        select(OpenQuestion)
        .where(OpenQuestion.state == QuestionState.OPEN)
        .order_by(OpenQuestion.count.desc(), OpenQuestion.last_asked_at.desc(), OpenQuestion.id)
    )
    with reading() as session:
        return list(session.scalars(query.limit(limit)))


def close(question_id: int, by: str, faq_id: int | None = None) -> None:
    """Put a question aside as seen to; asked again in vain, it opens anew.

    Args:
        question_id: of an open question.
        by: who has seen to it.
        faq_id: the pair that was written for it.

    Raises:
        NotPossible: it is not open, or there is no such pair.
    """
    with transaction() as session:
        if faq_id is not None and session.get(Faq, faq_id) is None:
            raise NotPossible(f"there is no pair {faq_id}")
        done = (
            update(OpenQuestion)
            .where(OpenQuestion.id == question_id, OpenQuestion.state == QuestionState.OPEN)
            .values(state=QuestionState.DONE, done_by=by, faq_id=faq_id)
        )
        if not affected(session, done):
            raise NotPossible(f"question {question_id} is not open")
    log.info("open question closed", question=question_id, faq=faq_id, by=by)


def _share_words(one: str, other: str) -> bool:
    return not set(bigrams(one)).isdisjoint(bigrams(other))
