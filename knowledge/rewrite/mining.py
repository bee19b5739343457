"""Which runs of two to four characters in the documents are words, and how often each occurs: counted with numpy.

A run is a word if it occurs often, next to many different neighbours, and far more often than its parts would meet by
chance. Characters are numbered in twelve bits, so that a run of five fits a 64-bit key.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]

LONGEST = 4
OFTEN = 4  # occurrences of a word at least
NEIGHBOURS = 3  # different characters on either side at least; the edge of a phrase counts as a new one each time
COHESION = 20.0  # how many times more often than by chance its parts stand together
# What stands at the edge of a phrase and not of a word: 由银行, 一年内, 也可以. Words that have one are in other lists.
EDGES = frozenset(
    "的了在是由和与及或按对为把被从到于其该本各每不未可也均应并则等后前内外以将向给有无者所之需能会须且如若日"
)
BITS = 12
FIRST, LAST = 0x3400, 0x9FFF  # code points of Chinese characters


class Runs:
    """The runs of Chinese characters in some texts, with their counts; none crosses another sign."""

    def __init__(self, texts: Sequence[str]) -> None:
        codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), dtype=np.uint32)
        chinese = np.where((codes >= FIRST) & (codes <= LAST), codes, 0)
        counts = np.bincount(chinese, minlength=LAST + 1)
        counts[0] = 0
        self.characters = int(counts.sum())
        frequent = np.argsort(-counts, kind="stable")[: (1 << BITS) - 1]
        frequent = frequent[counts[frequent] > 0]
        self._alphabet = np.concatenate([[0], frequent]).astype(np.uint32)
        self._numbers = np.zeros(LAST + 1, dtype=np.uint64)
        self._numbers[frequent] = np.arange(1, len(frequent) + 1)
        self._ids = self._numbers[chinese]
        self._tables = {size: self._count(size) for size in range(1, LONGEST + 1)}

    def words(self) -> dict[str, int]:
        """The runs that are words, with their counts."""
        found: dict[str, int] = {}
        for size in range(2, LONGEST + 1):
            keys, counts = self._tables[size]
            common = counts >= OFTEN
            keys, counts = keys[common], counts[common]
            kept = self._free(keys, size) & self._cohesive(keys, counts, size)
            spelt = zip(self._spell(keys[kept], size), counts[kept].tolist(), strict=True)
            found |= {word: count for word, count in spelt if EDGES.isdisjoint((word[0], word[-1]))}
        return found

    def count(self, words: Sequence[str]) -> dict[str, int]:
        """How often each of the words occurs; of a longer one than four characters its rarest part of four."""
        found: dict[str, int] = {}
        for size in range(1, LONGEST + 1):
            chosen = [word for word in words if len(word) == size]
            found |= zip(chosen, self._lookup(self._keys(chosen, size), size).tolist(), strict=True)
        for word in words:
            if len(word) > LONGEST:
                parts = [word[at : at + LONGEST] for at in range(len(word) - LONGEST + 1)]
                found[word] = int(self._lookup(self._keys(parts, LONGEST), LONGEST).min())
        return found

    def _windows(self, size: int) -> Keys:
        keys = self._ids[: max(len(self._ids) - size + 1, 0)]
        for at in range(1, size):
            keys = (keys << np.uint64(BITS)) | self._ids[at : len(self._ids) - size + 1 + at]
        return keys

    def _whole(self, size: int) -> npt.NDArray[np.bool_]:
        """Of each window, whether it holds Chinese characters only."""
        there = self._ids > 0
        whole = there[: max(len(there) - size + 1, 0)]
        for at in range(1, size):
            whole = whole & there[at : len(there) - size + 1 + at]
        return whole

    def _count(self, size: int) -> tuple[Keys, Counts]:
        keys, counts = np.unique(self._windows(size)[self._whole(size)], return_counts=True)
        return keys, counts.astype(np.int64)

    def _lookup(self, keys: Keys, size: int) -> Counts:
        table, counts = self._tables[size]
        if not len(table):
            return np.zeros(len(keys), dtype=np.int64)
        at = np.minimum(np.searchsorted(table, keys), len(table) - 1)
        return np.where(table[at] == keys, counts[at], 0)

    def _free(self, keys: Keys, size: int) -> npt.NDArray[np.bool_]:
        """Whether each run has enough different neighbours on both sides."""
        wider, counts = np.unique(self._windows(size + 1), return_counts=True)
        shift, end = np.uint64(BITS * size), np.uint64(BITS)
        left, right = wider >> shift, wider & np.uint64((1 << BITS) - 1)
        after = self._different(keys, wider & np.uint64((1 << BITS * size) - 1), np.where(left > 0, 1, counts))
        before = self._different(keys, wider >> end, np.where(right > 0, 1, counts))
        free: npt.NDArray[np.bool_] = (after >= NEIGHBOURS) & (before >= NEIGHBOURS)
        return free

    @staticmethod
    def _different(keys: Keys, runs: Keys, weights: Counts) -> Counts:
        if not len(keys):
            return np.zeros(0, dtype=np.int64)
        at = np.minimum(np.searchsorted(keys, runs), len(keys) - 1)
        same = keys[at] == runs
        return np.bincount(at[same], weights[same], len(keys)).astype(np.int64)

    def _cohesive(self, keys: Keys, counts: Counts, size: int) -> npt.NDArray[np.bool_]:
        """Whether the parts of each run, however it is split in two, meet far more often than by chance."""
        cohesive = np.ones(len(keys), dtype=bool)
        for tail in range(1, size):
            shift = np.uint64(BITS * tail)
            first = self._lookup(keys >> shift, size - tail)
            second = self._lookup(keys & np.uint64((1 << BITS * tail) - 1), tail)
            cohesive &= counts * float(self.characters) >= COHESION * first.astype(float) * second
        return cohesive

    def _keys(self, words: Sequence[str], size: int) -> Keys:
        codes = np.frombuffer("".join(words).encode("utf-32-le", "replace"), dtype=np.uint32).reshape(-1, size)
        keys = np.zeros(len(codes), dtype=np.uint64)
        for at in range(size):
            keys = (keys << np.uint64(BITS)) | self._numbers[np.minimum(codes[:, at], LAST)]
        return keys

    def _spell(self, keys: Keys, size: int) -> list[str]:
        shifts = [np.uint64(BITS * (size - 1 - at)) for at in range(size)]
        ids = np.stack([(keys >> shift) & np.uint64((1 << BITS) - 1) for shift in shifts], axis=1)
        text = self._alphabet[ids.astype(np.int64)].astype("<u4").tobytes().decode("utf-32-le")
        return [text[at : at + size] for at in range(0, len(text), size)]
