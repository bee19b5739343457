"""Text as it stands on pages into text that can be cited: no blanks without meaning, no breaks inside sentences."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.ingest.readers.headings import begins_item

FULL_LINE = 0.8  # of the widest line: from here on a line was broken because there was no room
WIDEST_COLUMNS = 160  # longer lines were not broken by hand or by a program: each is a paragraph
SHORTEST_TITLE = 4

_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]")
_BREAK = re.compile(r"\r\n?|[\v\f\u0085\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_HAN = r"[\u3400-\u9fff]"
_SPACED_WORD = re.compile(rf"^{_HAN}(?: {_HAN})+$", re.MULTILINE)  # 通 知 on a line of its own
_SPACED_HEADING = re.compile(rf"(?<=[章节编] ){_HAN}(?: {_HAN})+$", re.MULTILINE)  # 第一章 总 则
_BEFORE_MARK = re.compile(r" +(?=[，。；：、！？）》〉】」』”’])|(?<=[，。；：、！？（《〈【「『“‘]) +")
# PDF fonts give radicals and compatibility forms for the characters themselves; old pages write figures full width.
_FORMS = re.compile(r"[\u2e80-\u2fdf\uf900-\ufaff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a％．]")

_SENTENCE_END = re.compile(r"[。！？；：!?;:…][”’」』）)]*$")
_GOES_ON = re.compile(r"[，、,（(《“‘]$")
_INDENT = re.compile(r"\u3000{2}|\t| {2,}")


@dataclass(frozen=True)
class Line:
    """A line as it stands on a page.

    Attributes:
        text: tidy, not empty.
        full: it reaches the right margin, so its sentence may go on.
        indented: it begins further in than others.
        apart: it is set off from the line before, by room or size.
    """

    text: str
    full: bool
    indented: bool
    apart: bool = False


def tidy(text: str) -> str:
    """The text without invisible characters, runs of blanks and typographic variants; line breaks stay.

    Blanks inside a line stay as one, since `第一章 总则` means it; only a word that is spaced out over its line
    (`通　　知`, `第一章 总　则`) is drawn together.
    """
    text = _BREAK.sub("\n", _INVISIBLE.sub("", text))
    text = _FORMS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    text = "\n".join(lines)
    for spaced in (_SPACED_WORD, _SPACED_HEADING):
        text = spaced.sub(lambda match: match[0].replace(" ", ""), text)
    return _BEFORE_MARK.sub("", text)


def one_line(text: str) -> str:
    """Tidy text on one line, as a table's cell needs it."""
    joined = ""
    for line in tidy(text).split("\n"):
        joined = join(joined, line)
    return joined


def join(before: str, after: str) -> str:
    """Two pieces of a broken line: Chinese needs no blank between them, two English words do."""
    if before and after and _is_latin(before[-1]) and _is_latin(after[0]):
        return f"{before} {after}"
    return before + after


def join_lines(lines: Iterable[Line]) -> list[str]:
    """Paragraphs: a line goes on in the next one where it is full and nothing new begins there."""
    paragraphs: list[str] = []
    before: Line | None = None
    for line in lines:
        if before and _continues(before, line):
            paragraphs[-1] = join(paragraphs[-1], line.text)
        else:
            paragraphs.append(line.text)
        before = line
    return paragraphs


def paragraphs(text: str) -> list[str]:
    """Paragraphs of plain text: by empty lines, by indented lines, and else by sentences that end with their line."""
    raw = _BREAK.sub("\n", text).split("\n")
    widest = max(map(_width, raw), default=0)
    wrapped = widest <= WIDEST_COLUMNS
    indents = any(_INDENT.match(line) for line in raw)
    found: list[str] = []
    block: list[Line] = []
    for line in [*raw, ""]:
        clean = tidy(line)
        if not clean:
            found += join_lines(block)
            block = []
            continue
        full = wrapped and _width(line) >= FULL_LINE * widest
        ends = not indents and ends_sentence(clean)
        block.append(Line(clean, full and not ends, bool(_INDENT.match(line))))
    return found


def ends_sentence(line: str) -> bool:
    """Whether a sentence ends with the line."""
    return bool(_SENTENCE_END.search(line))


def _continues(before: Line, line: Line) -> bool:
    if line.apart:
        return False
    if _GOES_ON.search(before.text):
        return True
    if begins_item(line.text) or not before.full:
        return False
    return not (line.indented and ends_sentence(before.text))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _width(line: str) -> int:
    """Columns of a line: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line.rstrip())


def document(blocks: Iterable[str]) -> str:
    """The Markdown text of a document: its blocks with an empty line between two."""
    return "\n\n".join(blocks) + "\n"


def title_found(claimed: str, text: str) -> str:
    """The title that a file's properties claim, where its text bears it out: many keep one of another document."""
    title = one_line(claimed)
    return title if len(title) >= SHORTEST_TITLE and title.replace(" ", "") in re.sub(r"[\s#]", "", text) else ""
