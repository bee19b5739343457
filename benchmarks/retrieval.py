"""Retrieval against its rivals in one run, on the development sets: BM25 over jieba words, the embedding model alone, ours.

All rank the same policies in force. Ours is timed as the bot asks it: rewriting, encoding, both indexes and the database
included. `python -m benchmarks.retrieval [FOLDER ...]`, after `tongqi knowledge ingest`; how the time grows with the number
of passages is measured by benchmarks/scale.py.
"""

import sys
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
from sqlalchemy.orm import undefer

from core.clock import today
from core.db import reading
from core.settings import ROOT
from knowledge.encoder import get_encoder
from knowledge.evaluation import DEPTH, Quality, quality, read_dataset, resolved
from knowledge.index.dense import Dense
from knowledge.models import Chunk, Policy
from knowledge.rewrite import rewrite
from knowledge.search import get_live, search

DEV = ROOT / "knowledge" / "dev"
FOLDERS = (DEV, DEV / "seed")

Ranker = Callable[[str, Sequence[str]], Sequence[str]]
"""From a question and what the same person asked before to ids, best first."""


@dataclass(frozen=True)
class Measured:
    """Quality of the first ten, and milliseconds a question took."""

    quality: Quality
    p50: float
    p99: float


def measure(folder: Path) -> dict[str, Measured]:
    """The rivals and ours on every answerable question of a folder."""
    dataset = resolved(read_dataset(folder))
    results = {}
    for name, ranker in {"BM25 over jieba words": _words(), "e5-small alone": _meaning(), "ours": _ours}.items():
        ranker("小微企业有什么优惠", ())  # load what is loaded at the first question
        rankings, seconds = {}, []
        for query in dataset.relevance:
            started = time.perf_counter()
            rankings[query] = ranker(dataset.queries[query], dataset.before.get(query, ()))
            seconds.append(time.perf_counter() - started)
        p50, p99 = np.percentile(seconds, [50, 99]) * 1000
        results[name] = Measured(quality(rankings, dataset.relevance), float(p50), float(p99))
    return results


def main() -> None:
    """Print all three on each folder, and ours in parts of each rival."""
    for folder in [Path(name) for name in sys.argv[1:]] or FOLDERS:
        table = Table(str(folder.relative_to(ROOT)), "hit@1", "hit@3", "nDCG@10", "p50 ms", "p99 ms")
        rows: dict[str, tuple[float, ...]] = {
            name: (found.quality.hit_1, found.quality.hit_3, found.quality.ndcg, found.p50, found.p99)
            for name, found in measure(folder).items()
        }
        ours = rows["ours"]
        rows |= {
            f"ours / {name}": tuple(mine / theirs for mine, theirs in zip(ours, row, strict=True))
            for name, row in rows.items()
            if row is not ours
        }
        for name, row in rows.items():
            table.add_row(name, *(f"{value:.3f}" for value in row))
        Console().print(table)


def _ours(question: str, before: Sequence[str]) -> Sequence[str]:
    words = rewrite(question, get_live().lexicon(), before).text
    return [hit.policy.id for hit in search(words, DEPTH).hits]


def _words() -> Ranker:
    with reading() as session:
        policies = session.scalars(select(Policy).where(Policy.in_force(today()), Policy.guide.is_(False))).all()
    jieba.setLogLevel("ERROR")
    ranker = bm25s.BM25()
    ranker.index([jieba.lcut(policy.title + policy.body) for policy in policies], show_progress=False)

    def rank(question: str, _before: Sequence[str]) -> Sequence[str]:
        known = [word for word in jieba.lcut(question) if word in ranker.vocab_dict]
        scores = ranker.get_scores(known) if known else np.zeros(len(policies))
        return [policies[at].id for at in np.argsort(-scores, kind="stable")[:DEPTH]]

    return rank


def _meaning() -> Ranker:
    """Each policy by its nearest passage; the questions that people ask are ours, not the rival's."""
    with reading() as session:
        query = (
            select(Chunk).join(Policy).where(Policy.in_force(today()), Policy.guide.is_(False), Chunk.asked.is_(False))
        )
        chunks = session.scalars(query.options(undefer(Chunk.vector))).all()
    vectors = np.stack([np.frombuffer(chunk.vector or b"", np.float32) for chunk in chunks])
    index, owners = Dense(vectors.shape[1]), {chunk.id: chunk.policy_id for chunk in chunks}
    index.add(list(owners), vectors)

    def rank(question: str, _before: Sequence[str]) -> Sequence[str]:
        numbers, _cosines = index.search(get_encoder().question(question))
        return list(dict.fromkeys(owners[int(number)] for number in numbers))[:DEPTH]

    return rank


if __name__ == "__main__":
    main()
