"""Matching by meaning: FAISS over the vectors of passages.

A flat index compares a question with every passage and is right up to 100,000 of them (9 ms on one thread). Beyond that
the setting KNOWLEDGE_INDEX=hnsw walks a graph instead: at 100,000 it takes half the time, most of it for the 2,000 results,
finds .99 of the nearest ten, and is built in ten seconds and more.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

import faiss
import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Kind = Literal["flat", "hnsw"]

MOST = 500  # passages that a question is compared with: all of them up to this number, else the nearest this many
LINKS, CANDIDATES = 32, 256  # of HNSW: neighbours of a vector in the graph; vectors looked at while searching


class Dense:
    """Vectors of length 1 under numbers of their own.

    A graph gives no vector up, and a flat index moves all that stand behind it. What is removed therefore keeps its place
    and is left out of the answers, until half of all places are such.
    """

    def __init__(self, dimensions: int, kind: Kind = "flat") -> None:
        self._dimensions, self._kind = dimensions, kind
        self._index: Any  # FAISS names its own types wrongly
        self._numbers: list[int]  # by place in the index
        self._places: dict[int, int]
        self._gone: list[int]
        self._left_out: Any
        self._start()

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self._places)

    def add(self, numbers: Sequence[int], vectors: Vectors) -> None:
        """Add vectors [numbers, dimensions], or replace those that have these numbers."""
        if not len(numbers):
            return
        self.remove([number for number in numbers if number in self._places])
        self._places |= {number: len(self._numbers) + at for at, number in enumerate(numbers)}
        self._numbers += numbers
        self._index.add(np.ascontiguousarray(vectors, np.float32))

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove vectors.

        Raises:
            KeyError: there is none of such a number.
        """
        if not len(numbers):
            return
        self._gone += [self._places.pop(number) for number in numbers]
        if len(self._gone) > max(MOST, len(self)):
            self._compact()
        self._left_out = faiss.IDSelectorNot(faiss.IDSelectorBatch(np.array(self._gone))) if self._gone else None

    def search(self, vector: Vectors) -> tuple[npt.NDArray[np.int64], Vectors]:
        """(numbers, inner products) of the passages nearest to a vector [dimensions], best first."""
        count = min(len(self), MOST)
        if not count:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        near, places = self._index.search(
            np.ascontiguousarray(vector[None], np.float32), count, params=self._parameters(count)
        )
        found = [self._numbers[place] for place in places[0].tolist() if place >= 0]
        return np.array(found, np.int64), near[0][: len(found)]

    def _parameters(self, count: int) -> Any:
        if self._kind == "flat":
            return faiss.SearchParameters(sel=self._left_out)  # type: ignore[call-arg]
        # Those that are left out are walked through, and take up room among the candidates.
        candidates = math.ceil(max(CANDIDATES, count) * self._index.ntotal / len(self))
        return faiss.SearchParametersHNSW(sel=self._left_out, efSearch=candidates)  # type: ignore[attr-defined]

    def _compact(self) -> None:
        numbers, places = list(self._places), np.fromiter(self._places.values(), np.int64, len(self._places))
        vectors = self._index.reconstruct_batch(places) if numbers else None
        self._start()
        if vectors is not None:
            self.add(numbers, vectors)

    def _start(self) -> None:
        self._numbers, self._places, self._gone, self._left_out = [], {}, [], None
        if self._kind == "flat":
            self._index = faiss.IndexFlatIP(self._dimensions)
        else:
            self._index = faiss.IndexHNSWFlat(self._dimensions, LINKS, faiss.METRIC_INNER_PRODUCT)
