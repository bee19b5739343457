"""Bytes into text: which encoding a Chinese file or page is in.

Encodings of two bytes decode almost anything into some characters, so an encoding is taken only where most of the
characters are common ones: level 1 of GB 2312 (3,755) or of Big5 (5,401). In text that was decoded wrongly they are few.
"""

import codecs
import re

from knowledge.ingest.document import InvalidDocument

COMMON_SHARE = 0.7  # our own texts have over .97 in their right encoding, at most .5 in a wrong one
DAMAGED_SHARE = 0.01  # of the characters beyond ASCII: pages are cut in the middle of a character, and mended by hand
CONTROL_SHARE = 0.001
SAMPLE = 20_000  # characters beyond ASCII that are looked at

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What pages declare, and the superset that they are really in: browsers read them so (WHATWG Encoding Standard).
_DECLARED = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x9f]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# Punctuation, symbols and full-width forms are the same few in every text and say nothing.
_LETTER = re.compile(r"[^\x00-\x7f\u2000-\u2fff\u3000-\u303f\ufe30-\ufe4f\uff00-\uffef]")


def _characters(rows: range, cells: tuple[int, ...], encoding: str) -> str:
    return b"".join(bytes((row, cell)) for row in rows for cell in cells).decode(encoding, "ignore")


_GB_CELLS = tuple(range(0xA1, 0xFF))
_COMMON = frozenset(
    _characters(range(0xB0, 0xD8), _GB_CELLS, "gb2312")
    + _characters(range(0xA4, 0xC7), (*range(0x40, 0x7F), *_GB_CELLS), "big5")
)


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a file.

    Args:
        data: its bytes.
        declared: the charset that an HTML page claims; it is taken where what comes out can be Chinese.

    Raises:
        InvalidDocument: not text, or text in none of UTF-8, GB 18030 (with GBK and GB 2312), Big5 and marked UTF-16.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _attempt(data[len(mark) :], encoding)
            if text is None:
                raise InvalidDocument("not text, though it begins like a Unicode file")
            return text
    claimed = _DECLARED.get((declared or "").strip().lower())
    if (
        claimed
        and (text := _attempt(data, claimed)) is not None
        and (claimed == "utf-8" or _share(text) >= COMMON_SHARE)
    ):
        return text
    if (text := _attempt(data, "utf-8")) is not None:
        return text
    candidates = [text for encoding in ("gb18030", "big5hkscs") if (text := _attempt(data, encoding)) is not None]
    best = max(candidates, key=_share, default="")
    if not best or _share(best) < COMMON_SHARE:
        raise InvalidDocument("not text in UTF-8, GBK, Big5 or UTF-16 with its mark")
    return best


def _attempt(data: bytes, encoding: str) -> str | None:
    """The text in this encoding; None where bytes are left over or control characters come out."""
    text = data.decode(encoding, "replace")
    if len(_CONTROL.findall(text)) > CONTROL_SHARE * len(text):
        return None
    if damaged := text.count("\ufffd"):
        beyond = len(_BEYOND_ASCII.findall(text))
        if damaged > DAMAGED_SHARE * beyond:
            return None
    return text


def _share(text: str) -> float:
    """Which share of the letters beyond ASCII is common in Chinese; 0 where there are none."""
    letters = _LETTER.findall(text)[:SAMPLE]
    return sum(letter in _COMMON for letter in letters) / len(letters) if letters else 0.0
