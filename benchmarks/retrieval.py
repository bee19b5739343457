"""Retrieval against its rival in one run: our search, and BM25 over jieba words, on knowledge/dev.

Both rank the same policies in force. Ours is timed as the bot asks it: encoding, FAISS, BM25 and the database included.
`python -m benchmarks.retrieval`, after `tongqi knowledge ingest` and `index`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import jieba
import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from core.clock import today
from core.db import reading
from core.settings import ROOT
from knowledge.evaluation import DEPTH, Quality, quality, read_dataset
from knowledge.models import Policy
from knowledge.question import prepare
from knowledge.search import search

DEV = ROOT / "knowledge" / "dev"

Ranker = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Measured:
    """Quality of the first ten, and milliseconds a question took."""

    quality: Quality
    p50: float
    p95: float


def measure(folder: Path = DEV) -> dict[str, Measured]:
    """Ours and the rival on every answerable question of the folder."""
    dataset = read_dataset(folder)
    results = {}
    for name, ranker in {"ours": _ours, "BM25 over jieba words": _rival()}.items():
        ranker("小微企业有什么优惠")  # load what is loaded at the first question
        rankings, seconds = {}, []
        for query in dataset.relevance:
            started = time.perf_counter()
            rankings[query] = ranker(dataset.queries[query])
            seconds.append(time.perf_counter() - started)
        p50, p95 = np.percentile(seconds, [50, 95]) * 1000
        results[name] = Measured(quality(rankings, dataset.relevance), float(p50), float(p95))
    return results


def main() -> None:
    """Print both and their ratios."""
    results = measure()
    table = Table("", "hit@1", "hit@3", "nDCG@10", "p50 ms", "p95 ms")
    rows: dict[str, tuple[float, ...]] = {
        name: (found.quality.hit_1, found.quality.hit_3, found.quality.ndcg, found.p50, found.p95)
        for name, found in results.items()
    }
    ours, rival = rows.values()
    rows["ours / rival"] = tuple(left / right for left, right in zip(ours, rival, strict=True))
    for name, row in rows.items():
        table.add_row(name, *(f"{value:.3f}" for value in row))
    Console().print(table)


def _ours(question: str) -> Sequence[str]:
    return [hit.policy.id for hit in search(prepare(question), DEPTH).hits]


def _rival() -> Ranker:
    with reading() as session:
        policies = session.scalars(select(Policy).where(Policy.in_force(today()), Policy.guide.is_(False))).all()
    jieba.setLogLevel("ERROR")
    ranker = bm25s.BM25()
    ranker.index([jieba.lcut(policy.title + policy.body) for policy in policies], show_progress=False)

    def rank(question: str) -> Sequence[str]:
        known = [word for word in jieba.lcut(question) if word in ranker.vocab_dict]
        scores = ranker.get_scores(known) if known else np.zeros(len(policies))
        return [policies[at].id for at in np.argsort(-scores, kind="stable")[:DEPTH]]

    return rank


if __name__ == "__main__":
    main()
