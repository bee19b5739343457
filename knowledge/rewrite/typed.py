"""Questions typed in pinyin, whole or in part: `chuangye danbao daikuan`, `xiaoweiqiye jianshui`, `zjtx`."""

import math
import re
from collections.abc import Mapping, Sequence

from core.once import once
from knowledge.rewrite import vocabulary
from knowledge.rewrite.change import Change, Kind
from knowledge.rewrite.lexicon import Lexicon, Typed, typings
from knowledge.rewrite.segmenting import cheapest

LONGEST = 36  # letters of a term
EVERYDAY = 500  # count from which on an everyday word is expected in pinyin
CAPITALS = 4  # letters of an abbreviation at most
IN_TERMS = 0.5  # share of the letters that terms of the documents must make up

_RUN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+(?:[ '’][A-Za-z]+)*(?![A-Za-z0-9])")
_WORD = re.compile(r"[A-Za-z]+")


def spell_out(text: str, lexicon: Lexicon) -> tuple[str, list[Change]]:
    """The text with its pinyin in characters, and what was changed; other Latin words stay as they are."""
    changes: list[Change] = []

    def instead(match: re.Match[str]) -> str:
        known = len(changes)
        out = []
        for words in _stretches(_WORD.findall(match[0]), lexicon):
            said = " ".join(words)
            meant = None if _latin(words[0], lexicon) else read(words, lexicon)
            if meant:
                changes.append(Change(Kind.PINYIN, said, meant))
            out.append(meant or said)
        return " ".join(out) if len(changes) > known else match[0]

    return _RUN.sub(instead, text), changes


def read(words: Sequence[str], lexicon: Lexicon) -> str | None:
    """Characters for some Latin words; None where they are not pinyin with terms of the documents in it."""
    letters = "".join(words).lower()
    breaks, at = {0}, 0
    for word in words:
        at += len(word)
        breaks.add(at)

    def option(_letters: str, start: int, end: int) -> tuple[float, str] | None:
        inside = {at - start for at in breaks if start < at < end}
        term = lexicon.initials.get(letters[start:end])
        if term and not inside and {start, end} <= breaks:
            return vocabulary.UNHEARD, term
        for typed in (*lexicon.letters.get(letters[start:end], ()), *_everyday().get(letters[start:end], ())):
            if inside <= typed.ends:
                return typed.cost, typed.term
        return None

    pieces = cheapest(letters, option, LONGEST)
    if pieces is None:
        return None
    terms = sum(piece.end - piece.start for piece in pieces if lexicon.is_of_field(piece.word))
    return "".join(piece.word for piece in pieces) if terms >= IN_TERMS * len(letters) else None


def _stretches(words: Sequence[str], lexicon: Lexicon) -> list[list[str]]:
    """Neighbouring words that may be pinyin, together; each other word by itself."""
    stretches: list[list[str]] = []
    for word in words:
        if stretches and not _latin(word, lexicon) and not _latin(stretches[-1][-1], lexicon):
            stretches[-1].append(word)
        else:
            stretches.append([word])
    return stretches


def _latin(word: str, lexicon: Lexicon) -> bool:
    """Whether it is a Latin word: one of the documents, such as LPR, or a short one in capitals."""
    lower = word.lower()
    return lower not in lexicon.initials and (lower in lexicon.latin or (word.isupper() and len(word) <= CAPITALS))


@once
def _everyday() -> Mapping[str, list[Typed]]:
    """Everyday words by how they are typed, the cheapest first; of single characters one a syllable."""
    found: dict[str, list[Typed]] = {}
    costs = vocabulary.costs()
    for word in sorted(
        (word for word, count in vocabulary.general().items() if count >= EVERYDAY), key=costs.__getitem__
    ):
        for letters, typed in typings(word, costs[word] + math.log(2)):
            known = found.setdefault(letters, [])
            if len(word) > 1 or not any(len(one.term) == 1 for one in known):
                known.append(typed)
    return found
