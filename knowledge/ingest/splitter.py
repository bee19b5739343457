"""Text into passages that can be shown as an answer: whole sentences of one section.

Short passages find best: over the seed, colloquial questions had hit@1 .959 with passages of a sentence or two and
.951 with sections of up to 400 characters, title and tags in front of either (knowledge/dev, 268 questions).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

PASSAGE_CHARACTERS = 80  # aim; a longer sentence stays whole up to SENTENCE_CHARACTERS
SENTENCE_CHARACTERS = 300
VERSION = "1"  # raise it when passages come out differently: `ingest` then splits every document again

SOURCES = "依据"  # the section that says where a sheet's facts come from: for staff, never an answer

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_ASIDE = re.compile(r"[((].*?[))]")
_SENTENCE = re.compile(r".*?[。!?;!?;]+[”’」』))]*|.+", re.DOTALL)
_ITEM = re.compile(r"\s*(?:[-*+]\s+|\d{1,2}(?:[.](?!\d)|、)\s*)")
_EMPHASIS = re.compile(r"\*\*|`")
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
    """The document's sections in their order; text above the first heading has the heading ``."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in body.splitlines():
        if match := _HEADING.match(line):
            found.append((_ASIDE.sub("", match[1]).strip() or match[1], []))
        else:
            found[-1][1].append(line)
    parts = (Section(heading, tuple(_sentences(lines))) for heading, lines in found)
    return [part for part in parts if part.sentences and not _NOTHING.fullmatch("".join(part.sentences))]


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


def _sentences(lines: list[str]) -> Iterator[str]:
    columns: list[str] = []
    for line in lines:
        clean = _EMPHASIS.sub("", line).strip()
        if not clean.startswith("|"):
            columns = []
            yield from sentences(clean)
            continue
        cells = [cell.strip() for cell in clean.strip("|").split("|")]
        if all(set(cell) <= set("-: ") for cell in cells):
            continue  # the rule below a table's head
        if columns:
            yield _row(columns, cells)
        columns = columns or cells


def _row(columns: list[str], cells: list[str]) -> str:
    """A table's row as a sentence: chat shows no tables, and neither model reads them well."""
    rest = [column + cell for column, cell in zip(columns[1:], cells[1:], strict=False) if cell and cell != "—"]
    return f"{cells[0]}:{','.join(rest)}。"


def _cut(sentence: str) -> Iterator[str]:
    while len(sentence) > SENTENCE_CHARACTERS:
        at = max(sentence.rfind(mark, 0, SENTENCE_CHARACTERS) for mark in ",,、 ") + 1 or SENTENCE_CHARACTERS
        yield sentence[:at]
        sentence = sentence[at:]
    yield sentence
