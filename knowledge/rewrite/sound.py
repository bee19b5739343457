"""How Chinese characters sound: pinyin without tones, and which sounds people confuse when they type."""

import os
import re
from functools import cache

# Readings of single characters do; the dictionary of phrases would cost 45 MB. Must be set before the import.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # noqa: TID251  the library's own switch, not a setting of ours

from pypinyin import Style, pinyin

Sound = tuple[str, ...]
"""One syllable a character."""

MOST_READINGS = 2  # 行 is xing and hang; third readings are rare words'
# Southern speakers merge these, and input methods offer them as "fuzzy sounds".
_FUZZY = ((re.compile(r"^(z|c|s)h"), r"\1"), (re.compile(r"^l"), "n"), (re.compile(r"(?<![iu])(a|e|i)ng$"), r"\1n"))


@cache
def readings(character: str) -> Sound:
    """Its readings, the usual one first, at most `MOST_READINGS`; the character itself where it has none."""
    return tuple(pinyin(character, style=Style.NORMAL, heteronym=True)[0][:MOST_READINGS])


def sound(text: str) -> Sound:
    """The usual reading of each character."""
    return tuple([readings(character)[0] for character in text])


@cache
def blurred(syllable: str) -> str:
    """The syllable without what fuzzy sounds do not tell apart: zh/z, ch/c, sh/s, n/l, ang/an, eng/en, ing/in."""
    for pattern, instead in _FUZZY:
        syllable = pattern.sub(instead, syllable)
    return syllable
