"""Quality measured: retrievers on a BEIR-style folder, and answers on questions whose right answers are known.

A folder holds `queries.jsonl` (`_id`, `text`), `qrels.tsv` (query-id, corpus-id, score) and, where it has documents of
its own, `corpus.jsonl` (`_id`, `title`, `text`); otherwise the ingested policies in force are searched. `figures.tsv`
(query-id, figure) names what a right answer must show. Queries without a row in qrels are unanswerable. A query with
`turns` is the last message of a conversation; one with `half` belongs to the half that was tuned on or to the other one.
A corpus-id is that of a policy, or the name of the file that it was read from, without its ending.
"""

import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from core.db import reading
from knowledge import service
from knowledge.encoder import get_encoder
from knowledge.index.collection import Collection, Entry, Scores
from knowledge.ingest import splitter
from knowledge.models import Policy
from knowledge.rewrite import Lexicon, rewrite
from knowledge.rewrite.numerals import to_digits
from knowledge.search import compare, fuse, get_live
from knowledge.service import Asker

DEPTH = 10  # of every measure that has one
Rankings = Mapping[str, Sequence[str]]
Relevance = Mapping[str, Mapping[str, int]]


class InvalidDataset(ValueError):
    """A folder that cannot be evaluated; the text says in one line why."""


@dataclass(frozen=True)
class Document:
    """A document of a folder's own corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Dataset:
    """Queries by id, graded relevance by query and document, figures by query, and documents if it brings its own.

    Attributes:
        before: the earlier messages of a query that is a follow-up.
        halves: to which half a query belongs, where the folder says so.
    """

    queries: dict[str, str]
    relevance: dict[str, dict[str, int]]
    figures: dict[str, list[str]]
    corpus: list[Document]
    before: dict[str, tuple[str, ...]]
    halves: dict[str, str]

    def half(self, name: str) -> "Dataset":
        """The queries of one half."""
        kept = {query: text for query, text in self.queries.items() if self.halves.get(query) == name}
        relevance = {query: found for query, found in self.relevance.items() if query in kept}
        figures = {query: found for query, found in self.figures.items() if query in kept}
        return replace(self, queries=kept, relevance=relevance, figures=figures)


@dataclass(frozen=True)
class Quality:
    """Means over the answerable queries, each 0 to 1."""

    ndcg: float
    recall_1: float
    recall_10: float
    mrr: float
    hit_1: float
    hit_3: float


@dataclass(frozen=True)
class AnswerQuality:
    """Shares, each 0 to 1: of answerable, of unanswerable, of answerable, and of queries with known figures."""

    hit_1: float
    refused: float
    wrongly_refused: float
    figures: float


def read_dataset(folder: Path) -> Dataset:
    """Read a folder.

    Raises:
        InvalidDataset: a file is missing or has a line that does not fit.
    """
    asked = _lines(folder / "queries.jsonl", "_id", "text")
    queries = {row["_id"]: row["text"] for row in asked}
    before = {row["_id"]: tuple(map(str, row["turns"][:-1])) for row in asked if row.get("turns")}
    halves = {row["_id"]: str(row["half"]) for row in asked if row.get("half")}
    relevance: dict[str, dict[str, int]] = {}
    for query, document, score in _table(folder / "qrels.tsv", 3):
        if int(score) > 0:
            relevance.setdefault(query, {})[document] = int(score)
    figures: dict[str, list[str]] = {}
    if (folder / "figures.tsv").exists():
        for query, figure in _table(folder / "figures.tsv", 2):
            figures.setdefault(query, []).append(figure)
    corpus = []
    if (folder / "corpus.jsonl").exists():
        rows = _lines(folder / "corpus.jsonl", "_id", "text")
        corpus = [Document(row["_id"], row.get("title", ""), row["text"]) for row in rows]
    return Dataset(queries, relevance, figures, corpus, before, halves)


def resolved(dataset: Dataset) -> Dataset:
    """The dataset with names of files in its relevance replaced by the ids of the policies that were read from them."""
    with reading() as session:
        rows = session.execute(select(Policy.id, Policy.file_name)).all()
    ids = {Path(row.file_name).stem: row.id for row in rows if row.file_name} | {row.id: row.id for row in rows}
    relevance = {
        query: {ids.get(document, document): grade for document, grade in grades.items()}
        for query, grades in dataset.relevance.items()
    }
    return replace(dataset, relevance=relevance)


def rank(dataset: Dataset) -> dict[str, Rankings]:
    """The documents each retriever puts first, at most `DEPTH` a query, for every answerable query."""
    lexicon, ranker = _own(dataset.corpus) if dataset.corpus else (get_live().lexicon(), compare)
    rankings: dict[str, dict[str, Sequence[str]]] = {"bm25": {}, "dense": {}, "hybrid": {}}
    for query in dataset.relevance:
        words = rewrite(dataset.queries[query], lexicon, dataset.before.get(query, ())).text
        for retriever, documents in ranker(words).items():
            rankings[retriever][query] = documents[:DEPTH]
    return dict(rankings)


def quality(rankings: Rankings, relevance: Relevance) -> Quality:
    """Score rankings; ties and depth are the ranking's own. nDCG takes 2^grade - 1 as gain."""
    rows = []
    for query, grades in relevance.items():
        if query not in rankings:
            continue
        found = [grades.get(document, 0) for document in rankings[query][:DEPTH]]
        best = sorted(grades.values(), reverse=True)[:DEPTH]
        first = next((at for at, grade in enumerate(found) if grade), None)
        rows.append(
            (
                _gain(found) / _gain(best),
                sum(map(bool, found[:1])) / len(grades),
                sum(map(bool, found)) / len(grades),
                1 / (first + 1) if first is not None else 0.0,
                float(any(found[:1])),
                float(any(found[:3])),
            )
        )
    if not rows:
        raise InvalidDataset("no query has a relevant document")
    return Quality(*np.mean(rows, axis=0).tolist())


def answer_quality(dataset: Dataset) -> AnswerQuality:
    """Ask every query as a follower would."""
    given = {
        query: service.explain(text, asker=Asker(before=dataset.before.get(query, ()))).answer
        for query, text in dataset.queries.items()
    }
    right = [dataset.relevance[query] for query in given if query in dataset.relevance]
    known = [given[query] for query in given if query in dataset.relevance]
    hits = [bool(one.sources) and one.sources[0].policy_id in grades for one, grades in zip(known, right, strict=True)]
    open_ones = [one.no_answer for query, one in given.items() if query not in dataset.relevance]
    shown = [all(shows(given[query].text, figure) for figure in figures) for query, figures in dataset.figures.items()]
    return AnswerQuality(_share(hits), _share(open_ones), _share([one.no_answer for one in known]), _share(shown))


def shows(text: str, figure: str) -> bool:
    """Whether a text holds a figure that is not the end of another number, in either notation and width."""
    one, other = unicodedata.normalize("NFKC", text), unicodedata.normalize("NFKC", figure)
    return any(
        re.search(rf"(?<![\d.]){re.escape(wanted)}", re.sub(r"\s", "", held))
        for held, wanted in ((one, other), (to_digits(one), to_digits(other)))
    )


def _own(documents: Sequence[Document]) -> tuple[Lexicon, Callable[[str], dict[str, list[str]]]]:
    """Words and rankers of a corpus that is in no database."""
    encoder, number = get_encoder(), itertools.count()
    corpus: Collection[None] | None = None
    for document in documents:
        passages = [passage.text for passage in splitter.split(document.text)] or [document.text or document.title]
        vectors = encoder.passages([f"{document.title}\n{passage}" for passage in passages])
        corpus = corpus or Collection(vectors.shape[1])
        texts = [f"{document.title}\n{document.text}"]
        corpus.put(Entry(document.id, texts, list(itertools.islice(number, len(passages))), vectors, None))
    if corpus is None:
        raise InvalidDataset("corpus.jsonl has no document")
    corpus.commit()
    own, everything = corpus, np.ones(len(corpus.entries), dtype=bool)

    def ranker(question: str) -> dict[str, list[str]]:
        match = own.match(question, encoder.question(question))
        scores: dict[str, Scores] = {"bm25": match.lexical, "dense": match.dense, "hybrid": fuse(match, everything)}
        return {name: [own.entries[at].id for at in np.argsort(-row, kind="stable")] for name, row in scores.items()}

    return Lexicon.of([f"{document.title}\n{document.text}" for document in documents]), ranker


def _gain(grades: Sequence[int]) -> float:
    return float(sum((2**grade - 1) / np.log2(at + 2) for at, grade in enumerate(grades)))


def _share(values: Sequence[bool]) -> float:
    return float(np.mean(values)) if values else 0.0


def _lines(path: Path, *keys: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(_read(path), 1):
        try:
            row = json.loads(line)
            rows.append({**row, **{key: str(row[key]) for key in keys}})
        except (ValueError, KeyError, TypeError):
            raise InvalidDataset(f"{path.name}:{number}: not JSON with {', '.join(keys)}") from None
    return rows


def _table(path: Path, columns: int) -> list[list[str]]:
    rows = []
    for number, line in enumerate(_read(path), 1):
        cells = line.split("\t")
        if number == 1 and cells[0] == "query-id":
            continue
        if len(cells) != columns or (columns == 3 and not cells[2].isdigit()):
            raise InvalidDataset(f"{path.name}:{number}: not {columns} columns")
        rows.append(cells)
    return rows


def _read(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise InvalidDataset(f"{path}: {error.strerror}") from None
