"""A message as the classifier reads it: one spelling for what means the same, and how it sounds."""

import os
import unicodedata

# Readings of single characters do; the dictionary of phrases would cost 45 MB. Must be set before the import.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from opencc import OpenCC
from pypinyin import lazy_pinyin

HEAD = TAIL = 100  # characters kept of a long message: the topic stands in front, the question at the end

_to_simplified = OpenCC("t2s").convert


def normalise(text: str) -> str:
    """Half-width, lower-case, simplified characters; of more than 200 characters the first and the last 100."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    return str(_to_simplified(text.lower()))


def pinyin(text: str) -> str:
    """The text's sound in Latin letters without tones, so that homophones and typed pinyin meet."""
    return "".join(lazy_pinyin(text))
