"""What a question speaks of: its things, places, times and numbers, which a pair must know before it may answer.

Texts that differ in one word are near by any measure, though “数据中心节能改造” and “数据中心节水改造” have different
answers. So every word of substance in a question must stand in the pair: in a phrasing, the answer or the policy's title.
"""

import re
import unicodedata
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from core.once import once
from knowledge.index.terms import bigrams
from knowledge.rewrite.lexicon import Lexicon
from knowledge.rewrite.segmenting import cut

LONG = (
    4  # characters from which on a word is known although one pair of its characters is not: 创业担保贷款, 创业担保贷
)

_SUBSTANCE = ("n", "s", "t", "j", "b")  # nouns, places, times, abbreviations, and what tells kinds apart
# Nouns that say nothing of what is asked.
_EMPTY = frozenset(["时候", "时间", "现在", "目前", "情况", "问题", "事情", "东西", "地方", "人家", "大家"])
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z]+|\d+(?:\.\d+)?")


class Known:
    """The words of a pair."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._text = "\n".join(unicodedata.normalize("NFKC", text).lower() for text in texts)
        self._terms = frozenset(bigrams(self._text))

    def covers(self, question: str) -> bool:
        """Whether every word of substance in the question is among them."""
        return all(self._has(word) for word in substance(question))

    def _has(self, word: str) -> bool:
        if not _is_chinese(word):
            return word in self._terms
        terms = bigrams(word)
        return word in self._text or (len(word) >= LONG and sum(term not in self._terms for term in terms) <= 1)


def substance(text: str) -> set[str]:
    """Nouns, names, places, times, numbers and Latin words of a text."""
    found = set()
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if not _is_chinese(run):
            found.add(run)
            continue
        words = (piece.word for piece in cut(run, _lexicon()))
        found.update(word for word in words if len(word) > 1 and word not in _EMPTY and _is_substance(word))
    return found


def _is_substance(word: str) -> bool:
    # What the everyday list lacks is a term of the field's own list.
    return _kinds().get(word, "n").startswith(_SUBSTANCE)


def _is_chinese(word: str) -> bool:
    return word[0] >= "\u3400"


@once
def _lexicon() -> Lexicon:
    """The hand-kept terms and everyday words; what the documents say does not matter here."""
    return Lexicon.of(())


@once
def _kinds() -> dict[str, str]:
    """Parts of speech by word, of jieba's list, read as data as in knowledge/rewrite/vocabulary.py."""
    text = Path(str(distribution("jieba").locate_file("jieba/dict.txt"))).read_text("utf-8")
    return {word: kind for word, _count, kind in (line.split(" ") for line in text.splitlines()) if len(word) > 1}
