"""What the classifier looks at: character n-grams, n-grams of the sound, and the sentence vector, side by side."""

from collections import Counter
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.components.reading import normalise, pinyin
from nlu.components.sentence_vector import SentenceEncoder

# Cross-validated on nlu/data with the vector at weight 1: these two beat n-grams of 1-3 characters alone by .012.
NGRAM_WEIGHT = 0.7
# (shortest, longest, in how many lines at least): sounds that occur once tripled the training time for nothing.
CHARACTERS, SOUND = (1, 2, 1), (2, 5, 2)


class Features:
    """Rows of numbers for texts. `fit` learns vocabularies and the mean vector; `state` and `restore` keep them."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._ngrams = [_vectorizer(*kind) for kind in (CHARACTERS, SOUND)]
        self._mean: npt.NDArray[np.float32] = np.zeros(0, np.float32)

    def fit(self, texts: Sequence[str]) -> csr_matrix:
        """Learn from training texts; returns their rows."""
        plain = [normalise(text) for text in texts]
        for ngrams, spelled in zip(self._ngrams, _spellings(plain), strict=True):
            ngrams.fit(spelled)
        vectors = self._encode(plain)
        self._mean = vectors.mean(axis=0)
        return hstack(self._blocks(plain, vectors), format="csr", dtype=np.float32)

    def scores(self, texts: Sequence[str], weights: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Rows of texts times weights, float32 [texts, classes]; `weights` as `split` gives them."""
        plain = [normalise(text) for text in texts]
        scores = self._centred(self._encode(plain)) @ weights[-1]
        for ngrams, part, spelled in zip(self._ngrams, weights, _spellings(plain)):
            for row, text in zip(scores, spelled):
                at, values = _weigh(ngrams, text)
                row += NGRAM_WEIGHT * (values @ part[at])
        return scores

    def split(self, weights: npt.NDArray[np.float32]) -> List[npt.NDArray[np.float32]]:
        """Weights [features, classes] in the parts that belong to the kinds of features.

        Multiplied part by part, no row of thousands of columns has to be put together for each message; and only what
        lies in memory row by row is multiplied without being copied first.
        """
        ends = np.cumsum([len(ngrams.idf_) for ngrams in self._ngrams])
        return [np.ascontiguousarray(part) for part in np.split(weights, ends)]

    def _encode(self, plain: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.stack([self._encoder.encode(text) for text in plain])

    def _blocks(self, plain: Sequence[str], vectors: npt.NDArray[np.float32]) -> List[Any]:
        """The features of each kind, [texts, features of the kind]."""
        blocks = [
            ngrams.transform(spelled) * NGRAM_WEIGHT
            for ngrams, spelled in zip(self._ngrams, _spellings(plain), strict=True)
        ]
        return [*blocks, self._centred(vectors)]

    def _centred(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """All e5 vectors point much the same way; what tells them apart shows once the common part is gone."""
        centred = vectors - self._mean
        return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)

    def state(self) -> Dict[str, Any]:
        """What was learnt: `words` (lists of n-grams, for JSON) and `arrays` (name to array, for npz)."""
        return {
            "words": [ngrams.get_feature_names_out().tolist() for ngrams in self._ngrams],
            "arrays": {"mean": self._mean, **{f"idf{i}": ngrams.idf_ for i, ngrams in enumerate(self._ngrams)}},
        }

    @classmethod
    def restore(cls, encoder: SentenceEncoder, words: List[List[str]], arrays: Dict[str, Any]) -> "Features":
        """Features as they were when `state` was taken."""
        features = cls(encoder)
        features._mean = arrays["mean"]
        features._ngrams = [_vectorizer(*kind, known) for kind, known in zip((CHARACTERS, SOUND), words, strict=True)]
        for i, ngrams in enumerate(features._ngrams):
            ngrams.idf_ = arrays[f"idf{i}"]
        return features


def _vectorizer(shortest: int, longest: int, lines: int, vocabulary: Optional[List[str]] = None) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char",
        ngram_range=(shortest, longest),
        min_df=lines,
        vocabulary=vocabulary,
        lowercase=False,
        sublinear_tf=True,
        dtype=np.float32,
    )


def _weigh(ngrams: TfidfVectorizer, text: str) -> Tuple[List[int], npt.NDArray[np.float32]]:
    """(columns, values) of a text, as `ngrams.transform` has them; for one short text that takes ten times as long."""
    shortest, longest = ngrams.ngram_range
    known = ngrams.vocabulary_
    pieces = (text[at : at + size] for size in range(shortest, longest + 1) for at in range(len(text) - size + 1))
    counts = Counter(known[piece] for piece in pieces if piece in known)
    at = list(counts)
    values = (1 + np.log(np.fromiter(counts.values(), np.float32, len(at)))) * ngrams.idf_[at]
    return at, (values / max(float(np.linalg.norm(values)), 1e-6)).astype(np.float32)


def _spellings(plain: Sequence[str]) -> Tuple[List[str], List[str]]:
    """As written and as it sounds, in blanks, so that an n-gram can tell the edge of a message."""
    return [f" {text} " for text in plain], [f" {pinyin(text)} " for text in plain]
