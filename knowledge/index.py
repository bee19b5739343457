"""The search index: FAISS over passage vectors, BM25 over character bigrams of whole documents.

Made from the database and never the other way round. A build writes `<var>/index/<version>/` and then replaces the
pointer file `CURRENT`, so that a crash at any moment leaves the old version or the new one. Processes look at the pointer
before every search (one `stat`) and load the version it names when it has changed.
"""

import json
import os
import re
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bm25s
import faiss
import numpy as np
import numpy.typing as npt

from core.settings import get_settings
from knowledge.encoder import Encoder, Vectors
from knowledge.errors import KnowledgeUnavailable

K1, B = 1.5, 0.75  # hit@1 on knowledge/dev moves by less than .01 over 1.0-2.0 and .5-1.0
MANY = 2_000  # passages a question is compared with are all of them up to this number, else the nearest this many
ENCODED_AT_ONCE = 256
POINTER = "CURRENT"
MISSING = "there is no search index; run `tongqi knowledge index`"

_WORD = re.compile(r"[\u3400-\u9fff]+|[a-z]+|\d+(?:\.\d+)?")

Progress = Callable[[int, int], None]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Entry:
    """A document to be found: `lexical` is matched by words; `passages` are (key, text to encode)."""

    id: str
    lexical: str
    passages: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Match:
    """Scores of one question against every document of the index, in the order of `Index.documents`."""

    lexical: Scores
    """BM25, 0 and up."""
    dense: Scores
    """Cosine of the nearest passage."""
    passages: dict[int, float]
    """Cosine of each compared passage, by its key."""
    coverage: Scores
    """Share of the question's bigrams, weighted by rarity, that stand in the document: 0 to 1."""


def bigrams(text: str) -> list[str]:
    """Terms of BM25: neighbouring pairs of Chinese characters; numbers and Latin words whole."""
    terms = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if word[0] < "\u3400" or len(word) == 1:
            terms.append(word)
        else:
            terms += [word[at : at + 2] for at in range(len(word) - 1)]
    return terms


class Index:
    """One version, read from its folder; unchanging once loaded, so threads may share it."""

    def __init__(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        self.encoder: str = manifest["encoder"]
        self.documents: list[str] = manifest["documents"]
        self._keys = np.array(manifest["keys"], dtype=np.int64)
        self._owners = np.array(manifest["owners"], dtype=np.int64)
        self._vectors = faiss.read_index(str(folder / "passages.faiss"))
        self._bm25 = bm25s.BM25.load(str(folder / "bm25"))
        self._terms: list[set[str]] = [set(terms) for terms in manifest["terms"]]
        holders: dict[str, int] = {}
        for terms in self._terms:
            for term in terms:
                holders[term] = holders.get(term, 0) + 1
        self._rarity = {term: float(np.log(1 + len(self._terms) / count)) for term, count in holders.items()}

    def match(self, question: str, vector: Vectors) -> Match:
        """Compare a question with every document."""
        terms = list(dict.fromkeys(bigrams(question)))
        known = [term for term in terms if term in self._bm25.vocab_dict]
        empty = np.zeros(len(self.documents), dtype=np.float32)
        lexical = np.asarray(self._bm25.get_scores(known), dtype=np.float32) if known else empty
        near, rows = self._vectors.search(vector[None], min(self._vectors.ntotal, MANY))
        dense = np.full(len(self.documents), near.min(), dtype=np.float32)
        np.maximum.at(dense, self._owners[rows[0]], near[0])
        passages = dict(zip(self._keys[rows[0]].tolist(), near[0].tolist(), strict=True))
        return Match(lexical, dense, passages, self._coverage(terms))

    def _coverage(self, terms: list[str]) -> Scores:
        unseen = float(np.log(1 + len(self._terms)))  # as rare as a term can be
        weights = {term: self._rarity.get(term, unseen) for term in terms}
        total = sum(weights.values()) or 1.0
        shares = [sum(weights[term] for term in terms if term in found) / total for found in self._terms]
        return np.array(shares, dtype=np.float32)


def build(folder: Path, entries: Sequence[Entry], encoder: Encoder, progress: Progress = lambda _at, _of: None) -> None:
    """Write a version into an empty folder.

    Args:
        folder: exists and is empty.
        entries: at least one, each with at least one passage.
        encoder: of the passages; its name is kept.
        progress: called with passages done and passages in all.
    """
    texts = [text for entry in entries for _key, text in entry.passages]
    blocks = []
    for start in range(0, len(texts), ENCODED_AT_ONCE):
        blocks.append(encoder.passages(texts[start : start + ENCODED_AT_ONCE]))
        progress(min(start + ENCODED_AT_ONCE, len(texts)), len(texts))
    vectors = np.concatenate(blocks)
    nearest = faiss.IndexFlatIP(vectors.shape[1])
    nearest.add(vectors)
    faiss.write_index(nearest, str(folder / "passages.faiss"))
    terms = [bigrams(entry.lexical) for entry in entries]
    ranker = bm25s.BM25(k1=K1, b=B)
    ranker.index(terms, show_progress=False)
    ranker.save(str(folder / "bm25"))
    manifest: dict[str, Any] = {
        "encoder": encoder.name,
        "documents": [entry.id for entry in entries],
        "keys": [key for entry in entries for key, _text in entry.passages],
        "owners": [at for at, entry in enumerate(entries) for _passage in entry.passages],
        "terms": [sorted(set(found)) for found in terms],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), "utf-8")


def publish(entries: Sequence[Entry], encoder: Encoder, progress: Progress = lambda _at, _of: None) -> str:
    """Build a version and make it the current one; older ones go, except the one just replaced.

    Returns:
        Name of the version.

    Raises:
        KnowledgeUnavailable: there is nothing to index, or the encoder's model is missing.
    """
    if not entries:
        raise KnowledgeUnavailable("there are no policies to index; run `tongqi knowledge ingest` first")
    root = _root()
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=root, prefix="v-"))
    try:
        build(folder, entries, encoder, progress)
        previous = _pointed_at()
        fresh = root / f"{POINTER}.{folder.name}"
        with fresh.open("w") as file:
            file.write(folder.name)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(root / POINTER)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    for other in root.glob("v-*"):
        # A folder without manifest is another build under way, or the rest of a crash that costs little.
        if other.name not in (folder.name, previous) and (other / "manifest.json").exists():
            shutil.rmtree(other, ignore_errors=True)
    return folder.name


class Loader:
    """Hands out the current index; loads it at the first call and again when the pointer has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[int, int, Path] | None = None
        self._index: Index | None = None

    def current(self) -> Index:
        """The index of the version now in force.

        Raises:
            KnowledgeUnavailable: there is none, or it cannot be read.
        """
        pointer = _root() / POINTER
        with self._lock:
            try:
                stat = pointer.stat()
                seen = stat.st_mtime_ns, stat.st_ino, pointer
                if self._index is None or seen != self._seen:
                    self._index, self._seen = Index(_root() / pointer.read_text().strip()), seen
            except FileNotFoundError:
                raise KnowledgeUnavailable(MISSING) from None
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise KnowledgeUnavailable(
                    f"the search index cannot be read ({reason}); run `tongqi knowledge index`"
                ) from error
            return self._index


def _root() -> Path:
    return get_settings().tongqi_var / "index"


def _pointed_at() -> str:
    try:
        return (_root() / POINTER).read_text().strip()
    except FileNotFoundError:
        return ""
