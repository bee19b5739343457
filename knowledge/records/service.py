"""Keeping what was answered and why: written with each answer, rated by its follower, read by staff.

A record names a follower and holds his words. It goes when he is forgotten, and after half a year anyway (retention.py);
what he asked in vain stays among the open questions, masked and without him.
"""

from dataclasses import asdict

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.clock import now
from core.db import reading, transaction
from core.logging import get_logger
from knowledge.errors import KnowledgeUnavailable
from knowledge.faq.models import Faq
from knowledge.records import questions
from knowledge.records.explanation import Explanation, Verdict
from knowledge.records.models import AnswerRecord, Rating, Reason

IN_VAIN = (Verdict.REFUSED, Verdict.LEFT_OPEN, Verdict.LAPSED)

log = get_logger()


def keep(explanation: Explanation) -> int:
    """Write down one answer, count its pair, and count the question as open where it had none; id of the record.

    0 where it could not be written, which is logged: an answer never fails because of this.
    """
    try:
        in_vain = explanation.verdict in IN_VAIN
        met = questions.meet(explanation.question, Reason.UNANSWERED) if in_vain else None
        record = _record(explanation)
        with transaction() as session:
            if met is not None:
                record.counted_in = questions.count(session, met, explanation.asked_at)
            if explanation.faq_id is not None:
                session.execute(update(Faq).where(Faq.id == explanation.faq_id).values(hits=Faq.hits + 1))
            session.add(record)
            session.flush()
            return record.id
    except (SQLAlchemyError, KnowledgeUnavailable) as error:
        log.warning("answer not recorded", turn=explanation.turn_id, error=type(error).__name__)
        return 0


def rate(record_id: int, follower_id: int, useful: bool) -> bool:
    """Note what a follower says of his answer, the last word counting; False: it is not his, or is gone.

    Raises:
        Exceptions of core.db.UNAVAILABLE: the database is gone.
        KnowledgeUnavailable: the embedding model is missing.
    """
    with reading() as session:
        record = _own(session, record_id, follower_id)
    if record is None:
        return False
    met = None if useful or record.counted_in else questions.meet(record.question, Reason.USELESS)
    with transaction() as session:
        record = _own(session, record_id, follower_id, lock=True)
        if record is None:
            return False
        record.rating, record.rated_at = Rating.USEFUL if useful else Rating.USELESS, now()
        if met is not None and record.counted_in is None:
            record.counted_in = questions.count(session, met, record.rated_at)
        elif useful and record.counted_in and record.verdict not in IN_VAIN:
            questions.withdraw(session, record.counted_in)
            record.counted_in = None
    return True


def explain(record_id: int) -> AnswerRecord | None:
    """What was answered, and why."""
    with reading() as session:
        return session.get(AnswerRecord, record_id)


def latest_of(follower_id: int) -> AnswerRecord | None:
    """The follower's last answer."""
    query = select(AnswerRecord).where(AnswerRecord.follower_id == follower_id).order_by(AnswerRecord.id.desc())
    with reading() as session:
        return session.scalars(query.limit(1)).first()


def _own(session: Session, record_id: int, follower_id: int, *, lock: bool = False) -> AnswerRecord | None:
    query = select(AnswerRecord).where(AnswerRecord.id == record_id, AnswerRecord.follower_id == follower_id)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def _record(explanation: Explanation) -> AnswerRecord:
    # Scores may come as NumPy's numbers, which neither JSON nor SQLite take for numbers.
    candidates = [
        {
            "policy_id": one.policy_id,
            "title": one.title,
            "lexical": float(one.lexical),
            "dense": float(one.dense),
            "score": float(one.score),
        }
        for one in explanation.candidates
    ]
    return AnswerRecord(
        turn_id=explanation.turn_id,
        follower_id=explanation.follower_id,
        asked_at=explanation.asked_at,
        question=explanation.question,
        rewritten={
            "text": explanation.rewritten.text,
            "changes": [asdict(change) for change in explanation.rewritten.changes],
        },
        candidates=candidates,
        chosen=[{"policy_id": one.policy_id, "passages": list(one.passages)} for one in explanation.chosen],
        verdict=explanation.verdict,
        confidence=float(explanation.confidence),
        faq_id=explanation.faq_id,
        revision=explanation.revision,
        encoder=explanation.encoder,
    )
