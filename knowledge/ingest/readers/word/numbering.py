"""Numbers that Word writes by itself before paragraphs (`第一章`, `一、`, `（一）`): they stand nowhere in the text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

_DIGITS = "零一二三四五六七八九"
_CHINESE = {"chineseCounting", "chineseCountingThousand", "taiwaneseCountingThousand", "japaneseCounting"}
_CIRCLED = {"decimalEnclosedCircle", "decimalEnclosedCircleChinese", "ideographEnclosedCircle"}
_STEMS = "甲乙丙丁戊己庚辛壬癸"
BULLET = "- "


@dataclass(frozen=True)
class _Level:
    start: int
    form: str
    text: str  # such as `第%1章`, where %1 is the number of the first level


class Numbering:
    """The lists of a document, and how far each has been counted."""

    def __init__(self, root: Any | None) -> None:
        """Read the lists.

        Args:
            root: element `w:numbering` of the numbering part; None where a document has none.
        """
        self._lists: dict[str, str] = {}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: dict[tuple[str, int], int] = {}
        if root is None:
            return
        for definition in root.findall(qn("w:abstractNum")):
            levels = {_int(one.get(qn("w:ilvl"))): _level(one) for one in definition.findall(qn("w:lvl"))}
            self._levels[definition.get(qn("w:abstractNumId"), "")] = levels
        for number in root.findall(qn("w:num")):
            identity = number.get(qn("w:numId"), "")
            self._lists[identity] = _value(number, "w:abstractNumId")
            for override in number.findall(qn("w:lvlOverride")):
                if start := _value(override, "w:startOverride"):
                    self._starts[identity, _int(override.get(qn("w:ilvl")))] = _int(start)

    def next(self, identity: str, depth: int) -> str:
        """What Word shows before the next paragraph of a list at a level from 0; empty where it shows nothing."""
        definition = self._lists.get(identity, "")
        levels = self._levels.get(definition, {})
        level = levels.get(depth)
        if level is None:
            return ""
        if level.form == "bullet":
            return BULLET
        start = self._starts.pop((identity, depth), None)
        before = self._counts.get((definition, depth), level.start - 1)
        self._counts[definition, depth] = start if start is not None else before + 1
        for deeper in levels:
            if deeper > depth:
                self._counts.pop((definition, deeper), None)
        text = level.text
        for at, other in levels.items():
            count = self._counts.get((definition, at), other.start)
            text = text.replace(f"%{at + 1}", _shown(count, other.form))
        return text


def chinese_number(number: int) -> str:
    """A number from 0 to 9,999 in characters, as headings count: 十二, 二十, 一百零一."""
    if not 0 <= number < 10_000:
        return str(number)
    text, gap = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + unit
        gap = not digit
    return (text.removeprefix("一") if text.startswith("一十") else text) or _DIGITS[0]


def _shown(number: int, form: str) -> str:
    if form in _CHINESE:
        return chinese_number(number)
    if form in _CIRCLED and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    if form == "ideographTraditional" and 1 <= number <= len(_STEMS):
        return _STEMS[number - 1]
    if form in {"upperLetter", "lowerLetter"} and 1 <= number <= 26:
        return chr(ord("A" if form == "upperLetter" else "a") + number - 1)
    return "" if form == "none" else str(number)


def _level(element: Any) -> _Level:
    return _Level(
        _int(_value(element, "w:start") or "1"), _value(element, "w:numFmt") or "decimal", _value(element, "w:lvlText")
    )


def _value(element: Any, tag: str) -> str:
    """Attribute `w:val` of a child; empty where there is none."""
    children: Iterable[Any] = element.findall(qn(tag))
    return next((child.get(qn("w:val"), "") for child in children), "")


def _int(text: str | None) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0
