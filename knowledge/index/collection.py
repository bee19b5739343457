"""Documents that are found by their words and by the meaning of their passages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from knowledge.index.dense import Dense, Kind, Vectors
from knowledge.index.lexical import Lexical

USUAL_WEIGHT = 0.5
STALE = 0.1  # share of replaced texts from which on all are matched anew

Scores = npt.NDArray[np.float32]
T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """A document to be found.

    Attributes:
        id: its name.
        texts: what is matched by words: the document, or its parts where it is long.
        passages: numbers of its passages, unique in the collection and never used again.
        vectors: float32 [passages, dimensions], of length 1.
        about: whatever the owner of the collection wants to know of it.
    """

    id: str
    texts: Sequence[str]
    passages: Sequence[int]
    vectors: Vectors
    about: T


@dataclass(frozen=True)
class Match:
    """Scores of one question against every document, in the order of `Collection.entries`."""

    lexical: Scores
    """BM25 of the best text, 0 and up."""
    dense: Scores
    """Nearness of the nearest passage: its cosine, less what it owes to being near to every question."""


class Collection(Generic[T]):
    """Not thread-safe; changes show in matches after `commit`.

    Some passages are near to whatever is asked: those worded like a question, or like people talk. How near a passage is
    to the mean of usual questions is therefore taken off its cosine, in part. Measured over sheets in plain words and
    statutes together, hit@1 on questions about the statutes rose from .47 to .63 with a weight of
    .6, and fell by .02 on the others; since many laws bring questions of people's, less is enough (docs/adr/0016).
    """

    def __init__(self, dimensions: int, kind: Kind = "flat", usual: Vectors | None = None) -> None:
        """Nothing yet.

        Args:
            dimensions: of the vectors.
            kind: of index.
            usual: mean vector of usual questions; None: cosines count as they are.
        """
        self.dimensions = dimensions
        self._usual = np.zeros(dimensions, np.float32) if usual is None else usual
        self.changes = 0
        self.entries: list[Entry[T]] = []  # a document keeps its place; what was removed leaves one without passages
        self._places: dict[str, int] = {}
        self._owners: dict[int, int] = {}
        self._lexical = Lexical()
        self._stale = 0  # texts that were replaced since
        self._dense = Dense(dimensions + 1, kind)

    def __contains__(self, name: str) -> bool:
        """Whether a document of that id was ever put."""
        return name in self._places

    def put(self, entry: Entry[T]) -> None:
        """Add a document, or replace the one of the same id; what is the same about it costs nothing."""
        self.changes += 1
        place = self._places.setdefault(entry.id, len(self.entries))
        if place == len(self.entries):
            self.entries.append(_nothing(entry))
        before, self.entries[place] = self.entries[place], entry
        if list(entry.texts) != list(before.texts):
            self._lexical.put(place, entry.texts)
            self._stale += len(before.texts)
        if not _same_passages(entry, before):
            self._put_passages(place, entry, before)

    def commit(self) -> None:
        """Let matches see what was put."""
        # Replaced texts still count in how rare BM25 takes a word to be, until tantivy merges them away. With few of them
        # a process that has followed all changes scores nearly as one that has just started; with none, exactly.
        if self._stale > STALE * sum(len(entry.texts) for entry in self.entries):
            self._lexical, self._stale = Lexical(), 0
            for place, entry in enumerate(self.entries):
                self._lexical.put(place, entry.texts)
        self._lexical.commit()

    def match(self, question: str, vector: Vectors) -> Match:
        """Compare a question, and its vector, with every document."""
        lexical = np.zeros(len(self.entries), np.float32)
        documents, scores = self._lexical.search(question)
        if len(documents):
            np.maximum.at(lexical, np.asarray(documents, np.int64), np.asarray(scores, np.float32))
        numbers, near = self._dense.search(np.append(vector, np.float32(1)))
        dense = np.full(len(self.entries), near.min() if len(near) else 0.0, np.float32)
        if len(numbers):
            owners = np.fromiter((self._owners[number] for number in numbers.tolist()), np.int64, len(numbers))
            np.maximum.at(dense, owners, near)
        return Match(lexical, dense)

    def _put_passages(self, place: int, entry: Entry[T], before: Entry[T]) -> None:
        self._dense.remove(before.passages)
        for number in before.passages:
            del self._owners[number]
        if len(entry.passages):
            owed = -USUAL_WEIGHT * (entry.vectors @ self._usual)
            self._dense.add(entry.passages, np.column_stack([entry.vectors, owed]))
            self._owners |= dict.fromkeys(entry.passages, place)


def _nothing(entry: Entry[T]) -> Entry[T]:
    return replace(entry, texts=(), passages=(), vectors=entry.vectors[:0])


def _same_passages(one: Entry[T], other: Entry[T]) -> bool:
    return list(one.passages) == list(other.passages) and np.array_equal(one.vectors, other.vectors)
