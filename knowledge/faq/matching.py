"""Which reviewed pair, if any, a question asks for. Strict: a wrong pair would come before every document.

A phrasing must be near by meaning and by words, and nothing of substance in the question may be unknown to its pair
(substance.py). Measured with the bundled model on 40 questions of knowledge/dev as pairs of one phrasing, their two
paraphrases each and a twin that differs in a decisive word (`dev.tsv`, written without sight of their scores):

    cosine, overlap        of the other 296 questions match    paraphrases found, close / free    twins that pass
    .95, .2, substance     0                                   .90 / .55                          .20
    .95, .2                0                                   .98 / .88                          .68
    .93, .2, substance     1                                   .90 / .60                          .28
    .96, .2, substance     0                                   .83 / .53                          .18

With all 336 questions as pairs, one matches another than itself. Where the vector is that of the rewritten question,
.85 / .50 are found. What is missed goes to the documents, so the first line was chosen; further phrasings find more. The
rule of substance was made with the twins in view, so .20 flatters it; what passes differs in a verb (“哪天印发”, “哪天到期”)
or in a word that the policy's title has. Show `FaqHit.question` with the answer.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, defer, selectinload, undefer

from core.db import reading
from core.logging import get_logger
from core.once import once
from knowledge import revision
from knowledge.answer import source_lines
from knowledge.encoder import Encoder, Vectors, get_encoder
from knowledge.faq.models import Faq, FaqQuestion, FaqState
from knowledge.faq.substance import Known
from knowledge.index.terms import bigrams
from knowledge.models import Policy
from knowledge.rewrite.tidy import tidy

COSINE = 0.95
OVERLAP = 0.2  # pairs of characters that both have, among all that either has

log = get_logger()


@dataclass(frozen=True)
class FaqHit:
    """A pair that answers a question.

    Attributes:
        question: the phrasing that is near.
        answer: as it is sent; its figures need no document, but `source_line` must be shown with it.
        source_line: what the answer rests on; a second line may be the policy's address.
        policy: the one behind it.
        cosine, overlap: how near the phrasing is.
    """

    faq_id: int
    question: str
    answer: str
    source_line: str
    policy: Policy | None
    cosine: float
    overlap: float


@dataclass(frozen=True)
class _Phrasing:
    faq: Faq
    text: str
    terms: frozenset[str]
    known: Known
    vector: Vectors


class Published:
    """The published pairs as one process keeps them, brought up to date before each question."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._pairs: dict[int, list[_Phrasing]] = {}
        self._phrasings: list[_Phrasing] = []
        self._vectors = np.zeros((0, 0), np.float32)  # [phrasings, dimensions]
        self._revision = -1

    def match(self, question: str, vector: Vectors, today: date) -> FaqHit | None:
        """As `match` of this module."""
        with self._lock, reading() as session:
            latest = revision.latest(session)
            if latest != self._revision:
                self._catch_up(session)
                self._revision = latest
            return _first_in_force(session, self._near(question, vector, today), today)

    def _near(self, question: str, vector: Vectors, day: date) -> list[tuple[_Phrasing, float, float]]:
        """Phrasings that are near enough, of pairs that are valid on that day, with cosine and overlap, nearest first."""
        if not self._phrasings:
            return []
        text = tidy(question)[0]
        terms = frozenset(bigrams(text))
        cosines = self._vectors @ vector
        found = []
        for at in np.flatnonzero(cosines >= COSINE):
            phrasing = self._phrasings[at]
            overlap = len(terms & phrasing.terms) / max(len(terms | phrasing.terms), 1)
            if overlap >= OVERLAP and _valid(phrasing.faq, day) and phrasing.known.covers(text):
                found.append((phrasing, float(cosines[at]), overlap))
        return sorted(found, key=lambda item: -item[1])

    def _catch_up(self, session: Session) -> None:
        changed = session.scalars(
            select(Faq)
            .where(Faq.revision > self._revision)
            .options(selectinload(Faq.questions).options(undefer(FaqQuestion.vector)))
        ).all()
        if not changed:
            return
        named = {faq.source_policy_id for faq in changed} - {None}
        rows = session.execute(select(Policy.id, Policy.title).where(Policy.id.in_(named)))
        titles = {row.id: row.title for row in rows}
        lacking = 0
        for faq in changed:
            self._pairs.pop(faq.id, None)
            if faq.state is FaqState.PUBLISHED:
                usable = [one for one in faq.questions if one.encoder == self._encoder.name]
                lacking += len(usable) < len(faq.questions)
                self._pairs[faq.id] = _phrasings(faq, usable, titles.get(faq.source_policy_id or "", ""))
        self._phrasings = [phrasing for phrasings in self._pairs.values() for phrasing in phrasings]
        if self._phrasings:
            self._vectors = np.stack([phrasing.vector for phrasing in self._phrasings])
        if lacking:
            log.error("pairs without vectors; run `tongqi faq index`", count=lacking, model=self._encoder.name)


@once
def get_published() -> Published:
    """The published pairs of this process."""
    return Published(get_encoder())


def match(question: str, vector: Vectors, today: date) -> FaqHit | None:
    """The published, valid pair with a phrasing nearest to a question, where one is near enough.

    Args:
        question: as it was asked; words that were added to it would count as unknown to the pair.
        vector: of the question as it is searched, by the process's encoder.
        today: the day on which the pair is told.
    """
    return get_published().match(question, vector, today)


def _first_in_force(session: Session, near: Sequence[tuple[_Phrasing, float, float]], day: date) -> FaqHit | None:
    named = {phrasing.faq.source_policy_id for phrasing, _cosine, _overlap in near} - {None}
    query = select(Policy).where(Policy.id.in_(named), Policy.in_force(day)).options(defer(Policy.body))
    in_force = {policy.id: policy for policy in session.scalars(query)} if named else {}
    for phrasing, cosine, overlap in near:
        faq = phrasing.faq
        policy = in_force.get(faq.source_policy_id or "")
        if faq.source_policy_id is None or policy is not None:
            lines = _source_line(faq, policy)
            return FaqHit(faq.id, phrasing.text, faq.answer, lines, policy, cosine, overlap)
    return None


def _source_line(faq: Faq, policy: Policy | None) -> str:
    if policy is None:
        return f"依据：{faq.source_note}"
    first, *others = source_lines(policy)
    return "\n".join([f"{first};{faq.source_note}" if faq.source_note else first, *others])


def _valid(faq: Faq, day: date) -> bool:
    return (faq.valid_from is None or faq.valid_from <= day) and (faq.valid_until is None or day <= faq.valid_until)


def _phrasings(faq: Faq, questions: Sequence[FaqQuestion], title: str) -> list[_Phrasing]:
    texts = [tidy(question.text)[0] for question in questions]
    known = Known([*texts, faq.answer, title])
    return [
        _Phrasing(faq, question.text, frozenset(bigrams(text)), known, np.frombuffer(question.vector, np.float32))
        for question, text in zip(questions, texts, strict=True)
    ]
