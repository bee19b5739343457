"""Text into passages that can be shown as an answer: whole sentences of one section.

Short passages find best: over the seed, colloquial questions had hit@1 .959 with passages of a sentence or two and
.951 with sections of up to 400 characters, title and tags in front of either (knowledge/dev, 268 questions).
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.ingest.readers.tables import KEY_VALUE_HEAD

PASSAGE_CHARACTERS = 80  # aim; a longer sentence stays whole up to SENTENCE_CHARACTERS
SENTENCE_CHARACTERS = 300
VERSION = "2"  # raise it when passages come out differently: `ingest` then splits every document again

SOURCES = "依据"  # the section that says where a sheet's facts come from: for staff, never an answer

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_ARTICLE = re.compile(r"(第[一二三四五六七八九十百千零〇\d]+条(?:之[一二三四五六七八九十])?)(?=[\s　])")
_ASIDE = re.compile(r"[((].*?[))]")
_SENTENCE = re.compile(r".*?[。!?;!?;]+[”’」』))]*|.+", re.DOTALL)
_ITEM = re.compile(r"\s*(?:[-*+]\s+|\d{1,2}(?:[.](?!\d)|、)\s*)")
_EMPHASIS = re.compile(r"\*\*|`")
_LETTER = re.compile(r"\w")  # marks alone say nothing, nor do the invisible characters that pages hold
_NOTHING = re.compile(r"(?:来源未说明|无|—|-)?[。.]?")


@dataclass(frozen=True)
class Section:
    """A heading without what it says in brackets, and the sentences below it."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """Neighbouring sentences of one section."""

    heading: str
    text: str


def split(body: str) -> list[Passage]:
    """Passages of a document in their order; what says nothing (`来源未说明`) or only names sources makes none."""
    passages = []
    for section in sections(body):
        if section.heading == SOURCES:
            continue
        text = ""
        for sentence in section.sentences:
            if text and len(text) + len(sentence) > PASSAGE_CHARACTERS:
                passages.append(Passage(section.heading, text))
                text = ""
            text += sentence
        if text:
            passages.append(Passage(section.heading, text))
    return passages


def sections(body: str) -> list[Section]:
    """The document's sections in their order; text above the first heading has the heading ``.

    An article of a statute is a section of its own, below its chapter: it is what is cited.
    """
    found: list[tuple[str, list[str]]] = [("", [])]
    chapter = ""
    for line in body.splitlines():
        if match := _HEADING.match(line):
            chapter = _ASIDE.sub("", match[1]).strip() or match[1]
            found.append((chapter, []))
        elif match := _ARTICLE.match(line.strip()):
            found.append((f"{chapter} {match[1]}".strip(), [line]))
        else:
            found[-1][1].append(line)
    parts = (Section(heading, tuple(_sentences(lines))) for heading, lines in found)
    return [part for part in parts if _says_something("".join(part.sentences))]


def section_text(body: str, heading: str) -> str:
    """The text under a heading with its lines and list numbers, without emphasis; empty where there is none."""
    inside, lines = False, []
    for line in body.splitlines():
        if match := _HEADING.match(line):
            inside = match[1].startswith(heading)
        elif inside and line.strip():
            lines.append(_EMPHASIS.sub("", line).strip())
    return "\n".join(lines)


def sentences(text: str) -> list[str]:
    """Sentences of running text, without list numbers; one that is too long is cut at its commas."""
    found = []
    for sentence in _SENTENCE.findall(text.strip()):
        bare = _ITEM.sub("", sentence, count=1) if _ITEM.match(sentence) else sentence
        found += [piece for piece in _cut(bare.strip()) if piece]
    return found


def _says_something(text: str) -> bool:
    return bool(_LETTER.search(text)) and not _NOTHING.fullmatch(text)


def _sentences(lines: list[str]) -> Iterator[str]:
    for is_table, block in itertools.groupby((_EMPHASIS.sub("", line).strip() for line in lines), _is_row):
        if is_table:
            yield from _table(
                [[cell.strip() for cell in row.removeprefix("|").removesuffix("|").split("|")] for row in block]
            )
        else:
            for line in block:
                yield from sentences(line)


def _is_row(line: str) -> bool:
    return line.startswith("|")


def _table(rows: list[list[str]]) -> Iterator[str]:
    """A table's rows as sentences: chat shows no tables, and neither model reads them well."""
    columns, *body = rows
    body = [cells for cells in body if not all(set(cell) <= set("-: ") for cell in cells)]  # the rule below the head
    if not body:
        yield from _cut(",".join(filter(None, columns)) + "。")
    names = ["", ""] if tuple(columns) == KEY_VALUE_HEAD else columns
    for cells in body:
        yield from _row(names, cells)


def _row(names: list[str], cells: list[str]) -> Iterator[str]:
    """One sentence, or several where it is too long, each with the name of the row; cells beyond the head stay."""
    pairs = itertools.zip_longest(names[1:], cells[1:], fillvalue="")
    rest = [name + cell for name, cell in pairs if cell and cell != "—"]
    title = cells[0] + ":" if cells[0] and rest else cells[0]
    line = ""
    for part in rest:
        if line and len(title) + len(line) + len(part) + 2 > SENTENCE_CHARACTERS:
            yield from _cut(f"{title}{line}。")
            line = ""
        line += f",{part}" if line else part
    if title or line:
        yield from _cut(f"{title}{line}。")


def _cut(sentence: str) -> Iterator[str]:
    while len(sentence) > SENTENCE_CHARACTERS:
        at = max(sentence.rfind(mark, 0, SENTENCE_CHARACTERS) for mark in ",,、 ") + 1 or SENTENCE_CHARACTERS
        yield sentence[:at]
        sentence = sentence[at:]
    yield sentence
