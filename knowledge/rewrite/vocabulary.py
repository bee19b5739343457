"""Everyday words and how often they are used, so that correct text is not taken for a slip.

The list is jieba's `dict.txt` (MIT licence; counts over about 60 million words), read as data: jieba itself, which would
keep a second copy in memory and warns when imported, is not imported. `everyday.txt` adds what is newer than that list.
"""

import math
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

from core.once import once

LONGEST = 4
RAREST = 10  # counts below are names and slips
NEW = 1_000  # count given to a word that is newer than the list
UNHEARD = 17.0  # cost of a character that no list has: e^-17 is one in 24 million


@once
def general() -> Mapping[str, int]:
    """Words of one to four Chinese characters with their counts."""
    text = Path(__file__).with_name("everyday.txt").read_text("utf-8")
    words = {word: NEW for line in text.splitlines() if not line.startswith("#") for word in line.split()}
    for line in Path(str(distribution("jieba").locate_file("jieba/dict.txt"))).read_text("utf-8").splitlines():
        word, count, _part = line.split(" ")
        if len(word) <= LONGEST and int(count) >= RAREST and "\u3400" <= word[0] <= "\u9fff":
            words[word] = int(count)
    return words


@once
def costs() -> Mapping[str, float]:
    """Of each word, minus the logarithm of its share of everyday text."""
    total = math.log(sum(general().values()))
    return {word: total - math.log(count) for word, count in general().items()}
