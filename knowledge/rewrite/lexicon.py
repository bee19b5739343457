"""The words of the documents: how often each occurs, how it sounds, and how it may be typed."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

from core.once import once
from knowledge.rewrite import vocabulary
from knowledge.rewrite.mining import Runs
from knowledge.rewrite.sound import Sound, blurred, readings, sound

MOST = 20_000  # terms; the rarest of more are left out
NAME = 12  # a text of at most this many characters and nothing but Chinese ones, such as a tag, is a term as it stands
TITLE = 100  # characters of a title at most
NAMED_SHARE = 1e-4  # of what people write, that a named term is at least, however rare it is in the documents
MINED_SHARE = 1e-6  # of any other term
FEWEST = 5  # occurrences from which on a term that nobody named is taken into account
OWN = 2.0  # weight of a term that is the field's own: e^2 times as frequent here as elsewhere
GAP = "_"
SHORTEST_INITIALS = 4
MOST_SOUNDS = 8

_NAME = re.compile(f"[\u3400-\u9fff]{{2,{NAME}}}")
_LATIN = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Typed:
    """A term as it is typed in pinyin."""

    term: str
    ends: frozenset[int]
    """Where its syllables end, in letters from its beginning."""
    cost: float


class Lexicon:
    """Terms with their counts; unchanging, so threads may share it."""

    def __init__(
        self, counts: Mapping[str, int], named: frozenset[str], latin: frozenset[str], titles: str, size: int
    ) -> None:
        """Use `of`. `size` is the number of Chinese characters that were counted."""
        kept = sorted(named.union(counts), key=lambda term: (term not in named, -counts.get(term, 0), term))[:MOST]
        self.counts = {term: counts.get(term, 0) for term in kept}
        """Terms by how often the documents have them; those of the hand-kept list may stand in none."""
        self.named = named
        """Terms of the hand-kept list and short texts such as tags."""
        self.latin = latin
        """Latin words of the documents, in lower case."""
        self.titles = titles
        """The texts of one line that are no terms, a line each: titles mostly."""
        self._size = size
        self._costs = self._weigh()
        self.sounds: dict[Sound, list[str]] = {}
        """The field's terms by sound, the cheapest first."""
        self.blurred: dict[Sound, list[str]] = {}
        """The field's terms by what fuzzy sounds leave of them, the cheapest first."""
        self.gaps: dict[str, list[str]] = {}
        """The field's terms of three characters and more, by the term with one of them replaced by `GAP`."""
        self.letters: dict[str, list[Typed]] = {}
        """Common terms by their pinyin without blanks, the cheapest first."""
        self._index(sorted(self.counts, key=lambda term: (self._costs[term], term)))
        self.initials = self._initials()
        """Named terms by their first letters, where one term has them alone."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Lexicon":
        """The lexicon of some documents.

        Args:
            texts: titles, tags, headings and bodies, in any order; short ones without other signs count as terms.
        """
        return cls({}, _hand_kept(), frozenset(), "", 0).extended(texts)

    def extended(self, texts: Iterable[str]) -> "Lexicon":
        """This lexicon and some texts more. What is rare in each of several extensions is not seen to be common in all."""
        plain = [unicodedata.normalize("NFKC", text).lower() for text in texts]
        named = self.named | {text for text in plain if _NAME.fullmatch(text)}
        latin = self.latin.union(*(_LATIN.findall(text) for text in plain))
        titles = [text for text in plain if NAME < len(text) <= TITLE and "\n" not in text]
        # A line that stands in several sheets, such as a heading, is their form's, and says nothing about what is common.
        runs = Runs(list(dict.fromkeys(line for text in plain for line in text.splitlines())))
        known = sorted(named.union(self.counts, runs.words(), vocabulary.general()))
        more = {word: count for word, count in runs.count(known).items() if count and len(word) > 1}
        counts = dict(self.counts)
        for word, count in more.items():
            counts[word] = counts.get(word, 0) + count
        return Lexicon(counts, named, frozenset(latin), "\n".join([self.titles, *titles]), self._size + runs.characters)

    def cost(self, word: str) -> float | None:
        """Minus the logarithm of a word's share of what people write here; None where it is none.

        Half of that is what the documents say and half is everyday language.
        """
        known = self._costs.get(word)
        if known is not None:
            return known
        everyday = vocabulary.costs().get(word)
        if everyday is not None:
            return everyday + math.log(2)
        return vocabulary.UNHEARD if len(word) == 1 else None

    def is_of_field(self, word: str) -> bool:
        """Whether it is a term of this field and not an everyday word that the documents use too."""
        return word in self.named or (self.counts.get(word, 0) >= FEWEST and self.weight(word) >= OWN)

    def weight(self, word: str) -> float:
        """How much a word is one of this field: the logarithm of how much commoner it is here than elsewhere, 0 to 8."""
        if word not in self.counts:
            return 0.0
        return min(max(vocabulary.costs().get(word, vocabulary.UNHEARD) + math.log(self._share(word)), 0.0), 8.0)

    def _weigh(self) -> dict[str, float]:
        everyday = vocabulary.costs()
        general = {term: math.exp(-everyday[term]) if term in everyday else 0.0 for term in self.counts}
        return {term: -math.log((self._share(term) + general[term]) / 2) for term in self.counts}

    def _share(self, term: str) -> float:
        """Of what is written here: at least something, and at most a tenth, however few the documents are."""
        least = NAMED_SHARE if term in self.named else MINED_SHARE
        return max(min(self.counts[term] / max(self._size, 1), 0.1), least)

    def _index(self, terms: Sequence[str]) -> None:
        for term in terms:
            if self.counts[term] < FEWEST and term not in self.named:
                continue
            for letters, typed in typings(term, self._costs[term]):
                self.letters.setdefault(letters, []).append(typed)
            if not self.is_of_field(term):
                continue
            for syllables in sounds(term):
                self.sounds.setdefault(syllables, []).append(term)
            self.blurred.setdefault(tuple([blurred(one) for one in sound(term)]), []).append(term)
            if len(term) > 2:
                for at in range(len(term)):
                    self.gaps.setdefault(f"{term[:at]}{GAP}{term[at + 1 :]}", []).append(term)

    def _initials(self) -> dict[str, str]:
        found: dict[str, str | None] = {}
        for term in sorted(self.named):
            if len(term) >= SHORTEST_INITIALS:
                letters = "".join(syllable[0] for syllable in sound(term))
                found[letters] = None if letters in found else term
        return {letters: term for letters, term in found.items() if term}


def sounds(term: str) -> list[Sound]:
    """How a term may sound: every combination of its characters' readings, the usual one first, at most `MOST_SOUNDS`."""
    return list(islice(product(*(readings(character) for character in term)), MOST_SOUNDS))


def typings(term: str, cost: float) -> list[tuple[str, Typed]]:
    """The ways a term may be typed in pinyin: every combination of its characters' readings."""
    ways = []
    for syllables in sounds(term):
        ends, at = [], 0
        for syllable in syllables:
            at += len(syllable)
            ends.append(at)
        ways.append(("".join(syllables), Typed(term, frozenset(ends), cost)))
    return ways


@once
def _hand_kept() -> frozenset[str]:
    lines = Path(__file__).with_name("terms.txt").read_text("utf-8").splitlines()
    return frozenset(term for line in lines if not line.startswith("#") for term in line.split())
