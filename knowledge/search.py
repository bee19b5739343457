"""Finding policies: words and meaning fused by score, only what is in force now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from core.clock import today
from core.once import once
from knowledge.encoder import Vectors, get_encoder
from knowledge.index.collection import Entry, Match, Scores
from knowledge.index.live import Live, Policies, Standing
from knowledge.models import Chunk, Policy, Status

# Share of the words in a document's score; the rest is the nearest passage.
LEXICAL_WEIGHT = 0.4
# Of documents that fit alike, the one surely in force, the nearer and the newer come first (hit@1 +.01).
CURRENT, LOCAL, NEW = 0.03, 0.02, 0.03
NEWER_SINCE, YEARS = 2016, 10
FITTING = 0.03  # for a policy that is expressly for the asker's kind of company
PASSAGES = 60  # of a policy, nearest first, that an answer may be made of

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Filters:
    """Which policies are asked for.

    Attributes:
        category, level: as in the sheets; None: any.
        company: words for the asker's kind of company (`个体工商户`, `制造业`): a preference, as most policies are for all.
    """

    category: str | None = None
    level: str | None = None
    company: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage:
    """What is shown of a policy: a part of it under its heading; `position` counts from its beginning."""

    id: int
    position: int
    heading: str
    text: str


@dataclass(frozen=True)
class Hit:
    """A policy in force, with what speaks for it."""

    policy: Policy
    score: float
    """Fused, about 1 where it is the best by words and by meaning among everything in force; see `fuse`."""
    lexical: float
    """BM25 of its best part."""
    dense: float
    """Nearness of the nearest passage; see `Match`."""
    cosine: float
    """Cosine of the nearest passage, or of the nearest question that people ask."""
    text: str
    """All that it says."""
    passages: list[tuple[Passage, float]]
    """Its nearest passages with their cosine to the question, best first; at least one."""


@dataclass(frozen=True)
class Found:
    """What a search brought.

    Attributes:
        hits: best first.
        lapsed: fused score of the best document that is not in force, measured like `Hit.score`; 0 where there is none.
        successor: id of the policy that has taken that document's place.
        revision: number of the latest change that the search knew.
    """

    hits: list[Hit]
    lapsed: float
    successor: str | None
    revision: int


def search(question: str, limit: int = 5, filters: Filters = Filters(), vector: Vectors | None = None) -> Found:
    """Policies for a question, best first, one result a policy.

    Args:
        question: any length that the encoder's 512 tokens cover.
        limit: results at most.
        filters: which policies are asked for.
        vector: of the question, where it is known already.

    Raises:
        KnowledgeUnavailable: the model is missing, or there are no policies.
    """
    live = get_live()
    vector = get_encoder().question(question) if vector is None else vector
    with live.current() as (policies, session):
        match = policies.match(question, vector)
        allowed, favour = _standings(policies, today())
        scores = fuse(match, allowed) + favour
        if filters.company:
            scores += _fitting(policies, filters.company)
        wanted = allowed & _wanted(policies, filters) if filters.category or filters.level else allowed
        order = [int(at) for at in np.argsort(-scores, kind="stable") if wanted[at]][:limit]
        hits = _hits(session, policies, vector, match, scores, order)
        lapsed = np.where(allowed, 0.0, scores)
        best_lapsed = policies.entries[int(lapsed.argmax())].about
        return Found(hits, max(float(lapsed.max()), 0.0), best_lapsed.superseded_by, live.revision)


def compare(question: str) -> dict[str, list[str]]:
    """Ids of the policies in force as each retriever ranks them, best first; for measuring.

    Raises:
        KnowledgeUnavailable: as `search`.
    """
    vector = get_encoder().question(question)
    with get_live().current() as (policies, _session):
        match = policies.match(question, vector)
        allowed, favour = _standings(policies, today())
        hybrid = fuse(match, allowed) + favour
        ids = [entry.id for entry in policies.entries]
    return {
        name: [ids[at] for at in np.argsort(-scores, kind="stable") if allowed[at]]
        for name, scores in (("bm25", match.lexical), ("dense", match.dense), ("hybrid", hybrid))
    }


def fuse(match: Match, allowed: Mask) -> Scores:
    """One score a document: the weighted sum of both scores, each stretched to 0..1 over the allowed documents.

    By score and not by rank: with the rivals' scores close together a rank says little (.885 against .854 nDCG@10 on
    1,259 questions over 599 government documents).
    """
    words, meaning = _stretch(match.lexical, allowed), _stretch(match.dense, allowed)
    return np.asarray(LEXICAL_WEIGHT * words + (1 - LEXICAL_WEIGHT) * meaning, dtype=np.float32)


@once
def get_live() -> Live:
    """The index of this process."""
    return Live(get_encoder())


def _stretch(scores: Scores, allowed: Mask) -> Scores:
    if not allowed.any():
        return np.zeros_like(scores)
    low, high = scores[allowed].min(), scores[allowed].max()
    return np.asarray((scores - low) / max(float(high - low), 1e-6), dtype=np.float32)


@dataclass(frozen=True)
class _Standings:
    """Whether each policy is in force, and what speaks for it whoever asks; kept from one question to the next."""

    policies: Policies
    changes: int
    day: date
    in_force: Mask
    favour: Scores


_latest: _Standings | None = None  # read and replaced under the lock of `Live.current`


def _standings(policies: Policies, day: date) -> tuple[Mask, Scores]:
    global _latest
    if _latest is None or (_latest.policies, _latest.changes, _latest.day) != (policies, policies.changes, day):
        entries = policies.entries
        in_force = np.array([len(entry.passages) > 0 and entry.about.in_force(day) for entry in entries], dtype=bool)
        favour = np.array([_favour(entry.about) for entry in entries], dtype=np.float32)
        _latest = _Standings(policies, policies.changes, day, in_force, favour)
    return _latest.in_force, _latest.favour


def _favour(about: Standing) -> float:
    newness = min(max(int(about.since[:4] or 0) - NEWER_SINCE, 0) / YEARS, 1.0)
    nearness = {"国家": 0, "其他": -1}.get(about.level, 1)  # `其他` are rules of other districts
    return CURRENT * (about.status is Status.CURRENT) + LOCAL * nearness + NEW * newness


def _fitting(policies: Policies, company: Sequence[str]) -> Scores:
    fitting = [any(word in entry.about.audience for word in company) for entry in policies.entries]
    return np.array(fitting, dtype=np.float32) * np.float32(FITTING)


def _wanted(policies: Policies, filters: Filters) -> Mask:
    return np.array(
        [
            filters.category in (None, entry.about.category) and filters.level in (None, entry.about.level)
            for entry in policies.entries
        ],
        dtype=bool,
    )


def _hits(
    session: Session, policies: Policies, vector: Vectors, match: Match, scores: Scores, order: Sequence[int]
) -> list[Hit]:
    ids = [policies.entries[at].id for at in order]
    # Asked of the database as well: somebody may have switched one off there by hand.
    query = select(Policy).where(Policy.id.in_(ids), Policy.in_force(today())).options(defer(Policy.body))
    rows = {policy.id: policy for policy in session.scalars(query)}
    near = {at: _nearest(policies.entries[at], vector) for at in order}
    wanted = [number for passages in near.values() for number, _cosine in passages]
    # As rows: a hundred objects would cost a millisecond.
    columns = select(Chunk.id, Chunk.position, Chunk.heading, Chunk.text)
    shown = columns.where(Chunk.id.in_(wanted), Chunk.asked.is_(False))
    chunks = {row.id: Passage(*row) for row in session.execute(shown)}
    hits = []
    for at in order:
        known = [(chunks[number], cosine) for number, cosine in near[at] if number in chunks]
        entry = policies.entries[at]
        if known and entry.id in rows:
            scored = float(scores[at]), float(match.lexical[at]), float(match.dense[at]), near[at][0][1]
            hits.append(Hit(rows[entry.id], *scored, entry.about.text, known))
    return hits


def _nearest(entry: Entry[Standing], vector: Vectors) -> list[tuple[int, float]]:
    """The passages of one policy with their cosines, the nearest first: all that may be shown, and the questions."""
    cosines = entry.vectors @ vector
    return [(entry.passages[at], float(cosines[at])) for at in np.argsort(-cosines, kind="stable")[:PASSAGES]]
