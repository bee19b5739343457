"""Days as official documents write them, into the ISO day or month that front matter takes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_DIGITS = {"〇": 0, "零": 0, "O": 0, "o": 0, "0": 0, "元": 1, "两": 2} | {
    numeral: value for value, numeral in enumerate("一二三四五六七八九", 1)
}
_GAP = r"[ \n]{0,3}"  # justified lines and PDF put blanks between the figures
_CHINESE_YEAR = "[一二][〇零Oo0一二三四五六七八九]{3}"
_CHINESE = (
    rf"{_CHINESE_YEAR}{_GAP}年{_GAP}[元一二三四五六七八九十]{{1,2}}{_GAP}月"
    rf"(?:{_GAP}[一二三四五六七八九十]{{1,3}}{_GAP}日)?"
)
_ARABIC = rf"(?<![0-9])(?:19|20)[0-9]{{2}}{_GAP}年{_GAP}[0-9]{{1,2}}{_GAP}月(?:{_GAP}[0-9]{{1,2}}{_GAP}[日号])?"
_ISO = r"(?<![0-9])(?:19|20)[0-9]{2}[-./][0-9]{1,2}[-./][0-9]{1,2}(?![0-9])"

DAY = rf"(?:{_CHINESE}|{_ARABIC}|{_ISO})"
"""Pattern of a day, or of a month where no day is given, in plain text (metadata_layout); it has no groups."""

YEAR_END = "(?:19|20)[0-9]{2}年(?:年?底|年?末)"
"""Pattern of the end of a year; it has no groups."""

COUNT = "(?:[0-9]{1,3}|[一二两三四五六七八九十]{1,3})"
"""Pattern of a number of years or days in either script; it has no groups."""

_DAY = re.compile(DAY)
_PARTS = re.compile(r"[0-9]+|[〇零Oo0元一二三四五六七八九十]+")
_LAST_YEAR = 2199  # a term is added to a day, and the sum must be a day too


@dataclass(frozen=True)
class Day:
    """A day, or a month, and where it stands in the text."""

    iso: str
    start: int
    end: int


def find_days(text: str) -> Iterator[Day]:
    """Every day of a plain text in its order; what is written like a day and is none, such as 2月30日, is left out."""
    for match in _DAY.finditer(text):
        if iso := read_day(match[0]):
            yield Day(iso, match.start(), match.end())


def read_day(text: str) -> str | None:
    """ISO day, month or year of what `DAY` or `YEAR_END` matches; None if the calendar has no such day."""
    parts = [read_number(part) for part in _PARTS.findall(text)]
    if len(parts) == 1:
        return str(parts[0])
    return iso_day(*parts) if len(parts) <= 3 else None


def iso_day(year: int, month: int, number: int | None = None) -> str | None:
    """`2024-06-18`, or `2024-06` without a number; None if the calendar has no such day."""
    try:
        day = date(year, month, number or 1)
    except ValueError:
        return None
    if number == 0:
        return None
    return day.isoformat() if number else f"{day:%Y-%m}"


def read_number(text: str) -> int:
    """Value of a number in figures or numerals: `12`, `十二`, `三十一`, `八百零二`, and digit by digit `二〇二六`."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not re.search("[十百]", text):
        return int("".join(str(_DIGITS.get(numeral, 0)) for numeral in text) or "0")
    total = digit = 0
    for numeral in text:
        if numeral in "十百":
            total += (digit or 1) * (10 if numeral == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS.get(numeral, 0)
    return total + digit


def last_of_term(first: str, years: int) -> str | None:
    """Last day of a term of years that begins on that day; of a month or year the last one it can end in."""
    year, *rest = (int(part) for part in first.split("-"))
    if year + years > _LAST_YEAR:
        return None
    if len(rest) < 2:
        return "-".join([str(year + years), *(f"{part:02}" for part in rest)])
    month, number = rest
    leap = (month, number) == (2, 29)
    anniversary = date(year + years, 3, 1) if leap else date(year + years, month, number)
    return (anniversary - timedelta(days=1)).isoformat()


def days_after(first: str, days: int) -> str | None:
    """The day on which what begins `days` days after that day begins: 10月1日 + 30日后 is 11月1日.

    The day itself is not counted, and the term must be over (民法典, 201 and 203).
    """
    return (date.fromisoformat(first) + timedelta(days=days + 1)).isoformat() if len(first) == 10 else None
