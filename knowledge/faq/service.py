"""What staff do with pairs: draft, edit, have a second person publish, retire.

Every change is one transaction with a number of its own (knowledge/revision.py), so all processes see it with their next
question; taking the number first also lets one change wait for the other. Moves: draft -> published | retired;
published -> retired. A published pair stays as it is while a draft that will replace it is written and reviewed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.clock import now
from core.db import reading, transaction
from core.logging import get_logger
from knowledge import revision
from knowledge.encoder import get_encoder
from knowledge.errors import NotPossible
from knowledge.faq.models import PERSON_CHARACTERS, Faq, FaqQuestion, FaqState
from knowledge.faq.pair import Pair, make_pair
from knowledge.models import Policy
from knowledge.rewrite.tidy import tidy

log = get_logger()


def draft(
    questions: Sequence[str],
    answer: str,
    owner: str,
    by: str,
    *,
    source_policy_id: str | None = None,
    source_note: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> int:
    """Write a pair that waits for review; its id.

    Args:
        questions: phrasings, up to 20 of up to 200 characters.
        answer: up to 1,000 characters, as it is sent.
        owner: who keeps it right.
        by: who writes it.
        source_policy_id: while this policy is not in force the pair is not told.
        source_note: what else it rests on; followers see it. One of both is needed.
        valid_from: first day on which it is told.
        valid_until: last day.

    Raises:
        InvalidDocument: against the rules of pair.py.
        NotPossible: there is no such policy.
    """
    values = {
        "questions": tuple(questions),
        "answer": answer,
        "owner": owner,
        "source_policy_id": source_policy_id,
        "source_note": source_note,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    return draft_all([make_pair(values)], by)[0]


def draft_all(pairs: Sequence[Pair], by: str) -> list[int]:
    """Write several pairs, all or none; their ids.

    Raises:
        NotPossible: one of them names a policy that is not there.
    """
    by = _person(by)
    written = [(pair, _phrasings(pair)) for pair in pairs]
    with transaction() as session:
        number = revision.next_number(session)
        faqs = [Faq(state=FaqState.DRAFT, created_by=by, revision=number) for _ in pairs]
        for faq, (pair, phrasings) in zip(faqs, written, strict=True):
            _fill(session, faq, pair, phrasings)
        session.add_all(faqs)
        session.flush()
        ids = [faq.id for faq in faqs]
    log.info("faq drafted", faqs=ids, by=by)
    return ids


def edit(faq_id: int, changes: Mapping[str, Any], by: str) -> int:
    """Change a draft, or write one that will take a published pair's place; id of the draft.

    Args:
        faq_id: a draft or a published pair.
        changes: fields of `Pair` by name; the others stay as they are.
        by: who changes it.

    Raises:
        InvalidDocument: against the rules of pair.py.
        NotPossible: there is no such pair or policy, it is retired, another draft changes it already, or somebody else
            has changed it meanwhile.
    """
    by = _person(by)
    with reading() as session:
        seen = _existing(session, faq_id)
    pair = make_pair({**_fields(seen), **changes})
    phrasings = _phrasings(pair)
    with transaction() as session:
        number = revision.next_number(session)
        faq = _existing(session, faq_id)
        if faq.revision != seen.revision:
            raise NotPossible(f"pair {faq_id} was changed by somebody else meanwhile")
        if faq.state is FaqState.RETIRED:
            raise NotPossible(f"pair {faq_id} is retired")
        if faq.state is FaqState.PUBLISHED:
            other = session.scalar(select(Faq.id).where(Faq.replaces_id == faq_id, Faq.state == FaqState.DRAFT))
            if other is not None:
                raise NotPossible(f"draft {other} changes pair {faq_id} already")
            faq = Faq(state=FaqState.DRAFT, created_by=by, replaces_id=faq_id)
        else:
            faq.edited_by = by
        _fill(session, faq, pair, phrasings)
        faq.revision = number
        session.add(faq)
        session.flush()
        edited = faq.id
    log.info("faq edited", faq=edited, of=faq_id, by=by)
    return edited


def publish(faq_id: int, by: str) -> None:
    """Tell a draft from now on, in place of the pair that it replaces.

    Raises:
        NotPossible: it is no draft, `by` has written or last edited it, or another published pair has one of its
            questions.
    """
    by = _person(by)
    with transaction() as session:
        number = revision.next_number(session)
        faq = _existing(session, faq_id)
        if faq.state is not FaqState.DRAFT:
            raise NotPossible(f"pair {faq_id} is {faq.state}, not a draft")
        if _same(by, faq.created_by) or _same(by, faq.edited_by):
            raise NotPossible(f"{by} has written pair {faq_id}; somebody else must publish it")
        if rival := _rival(session, faq):
            raise NotPossible(f"pair {rival} is published and has the same question as pair {faq_id}")
        before = session.get(Faq, faq.replaces_id) if faq.replaces_id else None
        if before is not None and before.state is FaqState.PUBLISHED:
            before.state, before.revision = FaqState.RETIRED, number
        faq.state, faq.revision = FaqState.PUBLISHED, number
        faq.reviewed_by, faq.reviewed_at = by, now()
    log.info("faq published", faq=faq_id, by=by, revision=number)


def retire(faq_id: int, by: str) -> None:
    """Tell a pair no more, or give a draft up.

    Raises:
        NotPossible: there is no such pair, or it is retired already.
    """
    by = _person(by)
    with transaction() as session:
        number = revision.next_number(session)
        faq = _existing(session, faq_id)
        if faq.state is FaqState.RETIRED:
            raise NotPossible(f"pair {faq_id} is retired already")
        faq.state, faq.revision = FaqState.RETIRED, number
    log.info("faq retired", faq=faq_id, by=by, revision=number)


def listing(state: FaqState) -> list[Faq]:
    """Pairs in that state with their phrasings, oldest first."""
    with reading() as session:
        query = select(Faq).where(Faq.state == state).order_by(Faq.id).options(selectinload(Faq.questions))
        return list(session.scalars(query))


def encode_anew() -> int:
    """Give every phrasing a vector of the present model: needed after a change of EMBEDDING_MODEL. Number of phrasings.

    Raises:
        KnowledgeUnavailable: the embedding model is missing.
    """
    encoder = get_encoder()
    with reading() as session:
        lacking = session.execute(
            select(FaqQuestion.id, FaqQuestion.text).where(FaqQuestion.encoder != encoder.name)
        ).all()
    if not lacking:
        return 0
    vectors = {row.id: encoder.question(tidy(row.text)[0]).tobytes() for row in lacking}
    with transaction() as session:
        number = revision.next_number(session)
        for question in session.scalars(select(FaqQuestion).where(FaqQuestion.id.in_(vectors))):
            question.encoder, question.vector = encoder.name, vectors[question.id]
            session.get_one(Faq, question.faq_id).revision = number
    return len(vectors)


def _existing(session: Session, faq_id: int) -> Faq:
    faq = session.get(Faq, faq_id, options=[selectinload(Faq.questions)])
    if faq is None:
        raise NotPossible(f"there is no pair {faq_id}")
    return faq


def _fields(faq: Faq) -> dict[str, Any]:
    plain = {name: getattr(faq, name) for name in Pair.model_fields if name != "questions"}
    return {**plain, "questions": tuple(question.text for question in faq.questions)}


def _phrasings(pair: Pair) -> list[FaqQuestion]:
    """Encoded as a follower's question is; this takes 4 ms each and needs no transaction."""
    encoder = get_encoder()
    return [
        FaqQuestion(text=text, encoder=encoder.name, vector=encoder.question(tidy(text)[0]).tobytes())
        for text in pair.questions
    ]


def _fill(session: Session, faq: Faq, pair: Pair, phrasings: list[FaqQuestion]) -> None:
    named = pair.source_policy_id
    if named is not None and session.scalar(select(Policy.id).where(Policy.id == named)) is None:
        raise NotPossible(f"there is no policy {named}")
    for name in Pair.model_fields:
        if name != "questions":
            setattr(faq, name, getattr(pair, name))
    faq.questions = phrasings


def _rival(session: Session, faq: Faq) -> int | None:
    texts = [question.text for question in faq.questions]
    query = (
        select(Faq.id)
        .join(FaqQuestion)
        .where(
            FaqQuestion.text.in_(texts), Faq.state == FaqState.PUBLISHED, Faq.id.not_in([faq.id, faq.replaces_id or 0])
        )
    )
    return session.scalars(query.limit(1)).first()


def _person(name: str) -> str:
    """The name of who does something, as it is stored.

    Raises:
        NotPossible: there is none, so nobody could tell the author from the reviewer.
    """
    if not 0 < len(name.strip()) <= PERSON_CHARACTERS:
        raise NotPossible(f"a name of up to {PERSON_CHARACTERS} characters must say who does this")
    return name.strip()


def _same(name: str, other: str | None) -> bool:
    return name.casefold() == (other or "").casefold()
