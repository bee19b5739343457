"""Slips of pinyin input: a run that is no word but sounds like a term of the documents, or looks like it.

The cheapest way through the text decides: a term may stand for a run that sounds like it, at a price. Where the run is
made of words that people use, reading it as it stands is cheaper, and nothing is changed.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from core.once import once
from knowledge.rewrite.change import Change, Kind
from knowledge.rewrite.lexicon import GAP, Lexicon
from knowledge.rewrite.segmenting import LONGEST, cheapest
from knowledge.rewrite.sound import blurred, readings

# What a slip costs, next to the words' own costs (minus logarithms of their shares). Set on the lines of nlu/data: of
# about 2,880 correct ones some 5 are changed. Of knowledge/dev's 308 correct questions 2 are, one of them a slip indeed.
SAME_SOUND, NEAR_SOUND, LIKE_SIGN = 6.0, 9.0, 7.0
FURTHER_SIGN = 4.0  # each wrong character after the first
UNNAMED = 2.0  # a term that the documents use and nobody named
OFTEN_ALONE, ALONE = 7.5, 5.0  # below that cost a character is mostly a word by itself (通州去): dearer to mend
MOST = 3  # terms that are added to one question
_CHINESE = re.compile("[\u3400-\u9fff]{2,}")


def mend(text: str, lexicon: Lexicon) -> list[Change]:
    """The slips of a text, each with the term that was meant; at most `MOST`."""
    changes: dict[str, Change] = {}
    for run in _CHINESE.finditer(text):
        for change in _mend(run[0], lexicon):
            if change.meant not in text:
                changes.setdefault(change.meant, change)
    return list(changes.values())[:MOST]


def _mend(run: str, lexicon: Lexicon) -> list[Change]:
    exact = tuple([readings(character)[0] for character in run])
    fuzzy = tuple([blurred(syllable) for syllable in exact])

    def read(_run: str, start: int, end: int) -> tuple[float, str] | None:
        word = run[start:end]
        cost = lexicon.cost(word)
        if end - start == 1 or (cost is not None and end - start == 2) or word in lexicon.counts:
            return None if cost is None else (cost, word)  # a word that people use is no slip
        options = [(cost, word)] if cost is not None else []
        for term in lexicon.sounds.get(exact[start:end], ()):
            options.append((_price(word, term, SAME_SOUND, lexicon), term))
        for term in lexicon.blurred.get(fuzzy[start:end], ()):
            options.append((_price(word, term, NEAR_SOUND, lexicon), term))
        for at in range(start, end) if end - start > 2 else ():
            alike = _lookalikes().get(run[at])
            if alike:
                for term in lexicon.gaps.get(f"{run[start:at]}{GAP}{run[at + 1 : end]}", ()):
                    if term[at - start] in alike:
                        options.append((_price(word, term, LIKE_SIGN, lexicon), term))
        return min(options, default=None)

    pieces = cheapest(run, read, LONGEST) or []
    said = [(run[piece.start : piece.end], piece.word) for piece in pieces]
    return [Change(Kind.SPELLING, word, term) for word, term in said if word != term]


def _price(word: str, term: str, slip: float, lexicon: Lexicon) -> float:
    wrong = [one for one, other in zip(word, term, strict=True) if one != other]
    alone = sum((lexicon.cost(character) or 0.0) < OFTEN_ALONE for character in wrong)
    extra = FURTHER_SIGN * (len(wrong) - 1) + ALONE * alone + UNNAMED * (term not in lexicon.named)
    return (lexicon.cost(term) or 0.0) + slip + extra


@once
def _lookalikes() -> Mapping[str, set[str]]:
    alike: dict[str, set[str]] = {}
    for line in Path(__file__).with_name("lookalikes.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            for group in line.split():
                for character in group:
                    alike.setdefault(character, set()).update(group)
    return alike
