"""Finding policies: BM25 and vectors fused by score, only what is in force now by the database."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.clock import today
from core.db import reading
from core.once import once
from knowledge.encoder import get_encoder
from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Index, Loader, Match, Scores
from knowledge.models import Chunk, Policy, Status

# Share of BM25 in a document's score; the rest is the nearest passage. On knowledge/dev (268 answerable colloquial
# questions) hit@1 is .95 to .96 for shares of .4 and .45, .82 for the passage alone, .85 for BM25 alone.
LEXICAL_WEIGHT = 0.4
# Of documents that fit alike, the one surely in force, the nearer and the newer come first (hit@1 +.01).
CURRENT, LOCAL, NEW = 0.03, 0.02, 0.06
NEWER_SINCE, YEARS = 2016, 10

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Hit:
    """A policy in force, with what speaks for it."""

    policy: Policy
    score: float
    """Fused, about 1 where it is the best by words and by meaning among everything in force; see `fuse`."""
    lexical: float
    """BM25."""
    dense: float
    """Cosine of the nearest passage."""
    coverage: float
    """Share of the question's bigrams, weighted by rarity, that stand in the document: 0 to 1."""
    passages: list[tuple[Chunk, float]]
    """Its passages with their cosine to the question, best first; at least one."""


@dataclass(frozen=True)
class Found:
    """What a search brought: hits, best first, and what it would have liked better but is no longer in force."""

    hits: list[Hit]
    lapsed: float
    """Fused score of the best document that is not in force, measured like `Hit.score`; 0 where there is none."""


def search(question: str, limit: int = 5, category: str | None = None) -> Found:
    """Policies for a question, best first, one result a policy.

    Args:
        question: any length that the encoder's 512 tokens cover.
        limit: results at most.
        category: of the policies; None: all.

    Raises:
        KnowledgeUnavailable: model or index are missing, or the index was built with another model.
    """
    index = _index()
    match = index.match(question, get_encoder().question(question))
    with reading() as session:
        allowed, favour, wanted = _in_force(session, index, category)
        scores = fuse(match, allowed) + favour
        order = [at for at in np.argsort(-scores, kind="stable") if wanted[at]][:limit]
        policies = _load(session, [index.documents[at] for at in order])
        lapsed = float(scores[~allowed].max(initial=0.0))
    hits = [_hit(policies[index.documents[at]], float(scores[at]), match, at) for at in order]
    # A policy that was ingested again has only passages that the index does not know yet: it waits for the next index.
    return Found([hit for hit in hits if hit.passages], lapsed)


def compare(question: str) -> dict[str, list[str]]:
    """Ids of the policies in force as each retriever ranks them, best first; for measuring.

    Raises:
        KnowledgeUnavailable: as `search`.
    """
    index = _index()
    match = index.match(question, get_encoder().question(question))
    with reading() as session:
        allowed, favour, _wanted = _in_force(session, index, None)
    hybrid = fuse(match, allowed) + favour
    return {
        name: [index.documents[at] for at in np.argsort(-scores, kind="stable") if allowed[at]]
        for name, scores in (("bm25", match.lexical), ("dense", match.dense), ("hybrid", hybrid))
    }


def fuse(match: Match, allowed: Mask) -> Scores:
    """One score a document: the weighted sum of both scores, each stretched to 0..1 over the allowed documents.

    By score and not by rank: with the rivals' scores close together a rank says little (.885 against .854 nDCG@10 on
    1,259 questions over 599 government documents).
    """
    words, meaning = _stretch(match.lexical, allowed), _stretch(match.dense, allowed)
    return np.asarray(LEXICAL_WEIGHT * words + (1 - LEXICAL_WEIGHT) * meaning, dtype=np.float32)


def _stretch(scores: Scores, allowed: Mask) -> Scores:
    if not allowed.any():
        return np.zeros_like(scores)
    low, high = scores[allowed].min(), scores[allowed].max()
    return np.asarray((scores - low) / max(float(high - low), 1e-6), dtype=np.float32)


def _in_force(session: Session, index: Index, category: str | None) -> tuple[Mask, Scores, Mask]:
    """Which of the index's documents may be told now, what their standing adds, and which are of the category.

    The database is asked each time, never the index: a policy that is switched off is gone from the next answer on.
    """
    query = select(Policy.id, Policy.category, Policy.status, Policy.level, Policy.effective, Policy.issued).where(
        Policy.in_force(today()), Policy.guide.is_(False)
    )
    rows = {row.id: row for row in session.execute(query)}
    known = [rows.get(document) for document in index.documents]
    allowed = np.array([row is not None for row in known], dtype=bool)
    favour = [_standing(row.status, row.level, row.effective or row.issued) if row else 0.0 for row in known]
    wanted = np.array([row is not None and category in (None, row.category) for row in known], dtype=bool)
    return allowed, np.array(favour, dtype=np.float32), wanted


def _standing(status: Status, level: str, since: str | None) -> float:
    newness = min(max(int((since or "0")[:4]) - NEWER_SINCE, 0) / YEARS, 1.0)
    nearness = {"国家": 0, "其他": -1}.get(level, 1)  # `其他` are rules of other districts
    return CURRENT * (status is Status.CURRENT) + LOCAL * nearness + NEW * newness


def _index() -> Index:
    index, encoder = _loader().current(), get_encoder()
    if index.encoder != encoder.name:
        raise KnowledgeUnavailable(
            f"the index was built with {index.encoder}, EMBEDDING_MODEL is {encoder.name}; run `tongqi knowledge index`"
        )
    return index


def _load(session: Session, ids: Sequence[str]) -> dict[str, Policy]:
    query = select(Policy).where(Policy.id.in_(ids)).options(selectinload(Policy.chunks))
    return {policy.id: policy for policy in session.scalars(query)}


def _hit(policy: Policy, score: float, match: Match, at: int) -> Hit:
    known = [(chunk, match.passages[chunk.id]) for chunk in policy.chunks if chunk.id in match.passages]
    known.sort(key=lambda item: -item[1])
    return Hit(policy, score, float(match.lexical[at]), float(match.dense[at]), float(match.coverage[at]), known)


@once
def _loader() -> Loader:
    return Loader()
