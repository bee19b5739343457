"""Finding policies: BM25 and vectors fused by score, only what is in force now by the database.

Measured on knowledge/dev (268 answerable colloquial questions, hit@1 / hit@3): see `benchmarks/retrieval.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.clock import today
from core.db import reading
from knowledge.encoder import get_encoder
from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Loader, Match, Scores
from knowledge.models import Chunk, Policy, Status

# Share of BM25 in a document's score; the rest is the nearest passage. Any share from .3 to .6 is within .02 of the best.
LEXICAL_WEIGHT = 0.4
CURRENT_BONUS = 0.03  # of two that fit alike, the one that is certainly in force comes first


@dataclass(frozen=True)
class Hit:
    """A policy in force, with what speaks for it."""

    policy: Policy
    score: float
    """Fused, 0 to 1: 1 is best by words and by meaning among everything in force."""
    lexical: float
    """BM25."""
    dense: float
    """Cosine of the nearest passage."""
    coverage: float
    """Share of the question's bigrams, weighted by rarity, that stand in the document: 0 to 1."""
    passages: list[tuple[Chunk, float]]
    """Its passages with their cosine to the question, best first."""


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
    index = _loader().current()
    encoder = get_encoder()
    if index.encoder != encoder.name:
        raise KnowledgeUnavailable(
            f"the index was built with {index.encoder}, EMBEDDING_MODEL is {encoder.name}; run `tongqi knowledge index`"
        )
    match = index.match(question, encoder.question(question))
    with reading() as session:
        statuses = _in_force(session, category)
        allowed = np.array([document in statuses for document in index.documents], dtype=bool)
        certain = np.array([statuses.get(document) is Status.CURRENT for document in index.documents])
        scores = fuse(match, allowed) + CURRENT_BONUS * certain.astype(np.float32)
        order = [at for at in np.argsort(-scores, kind="stable") if allowed[at]][:limit]
        policies = _load(session, [index.documents[at] for at in order])
        lapsed = float(scores[~allowed].max(initial=0.0)) if category is None else 0.0
    hits = [
        _hit(policies[index.documents[at]], float(scores[at]), match, at)
        for at in order
    ]
    return Found(hits, lapsed)


def fuse(match: Match, allowed: npt.NDArray[np.bool_]) -> Scores:
    """One score a document: the weighted sum of both scores, each stretched to 0..1 over the allowed documents.

    By score and not by rank: with the rivals' scores close together a rank says little (.885 against .854 nDCG@10 on
    1,259 questions over 599 government documents).
    """
    return LEXICAL_WEIGHT * _stretch(match.lexical, allowed) + (1 - LEXICAL_WEIGHT) * _stretch(match.dense, allowed)


def _stretch(scores: Scores, allowed: npt.NDArray[np.bool_]) -> Scores:
    if not allowed.any():
        return np.zeros_like(scores)
    low, high = scores[allowed].min(), scores[allowed].max()
    return (scores - low) / max(float(high - low), 1e-6)


def _in_force(session: Session, category: str | None) -> dict[str, Status]:
    """Which policies may be told now, with their status: the database is asked each time, never the index."""
    query = select(Policy.id, Policy.status).where(Policy.in_force(today()), Policy.guide.is_(False))
    if category:
        query = query.where(Policy.category == category)
    return {policy_id: status for policy_id, status in session.execute(query)}


def _load(session: Session, ids: Sequence[str]) -> dict[str, Policy]:
    query = select(Policy).where(Policy.id.in_(ids)).options(selectinload(Policy.chunks))
    return {policy.id: policy for policy in session.scalars(query)}


def _hit(policy: Policy, score: float, match: Match, at: int) -> Hit:
    # A policy that was ingested again has passages that the index does not know yet: they are left out until it does.
    known = [(chunk, match.passages[chunk.id]) for chunk in policy.chunks if chunk.id in match.passages]
    known.sort(key=lambda item: -item[1])
    return Hit(policy, score, float(match.lexical[at]), float(match.dense[at]), float(match.coverage[at]), known)


@cache
def _loader() -> Loader:
    return Loader()
