"""Reader of Word documents (DOCX): headings by style and by number, lists as Word numbers them, tables, notes."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers import headings, prose, tables
from knowledge.ingest.readers.content import PACKAGE_DAMAGE, Kind, of_kind
from knowledge.ingest.readers.limits import MAX_COLUMNS
from knowledge.ingest.readers.word.numbering import Numbering

SUFFIXES = (".docx", ".doc")  # a .doc that really is an old one is refused by its content
TITLE_HALF_POINTS = 36  # 18 points; GB/T 9704-2012 sets titles in 22, text in 16
TITLE = 0
DEEPEST = 5

_HEADING_STYLE = re.compile(r"(?:heading|标题) ?([1-9])")
_TITLE_STYLES = {"title", "标题"}
# Runs in these are not part of the paragraph's text: removed by a revision, older copies, boxes (read on their own), hints.
_APART = {qn(tag) for tag in ("w:del", "w:moveFrom", "w:pPr", "w:txbxContent", "w:rt", "w:instrText", "w:delText")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
_BOX = qn("w:txbxContent")
_CONTAINERS = {qn(tag) for tag in ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml", "w:smartTag")}
_TEXT = {qn("w:t"), "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"}
_CHARACTERS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_NOTES = {qn("w:footnoteReference"): "footnote", qn("w:endnoteReference"): "endnote"}


@of_kind(Kind.WORD)
def read(path: Path, name: str) -> list[RawDocument]:
    """The document of a file.

    Raises:
        InvalidDocument: damaged, or without text.
        OSError: the file cannot be read.
    """
    try:
        reader = _Reader(docx.Document(str(path)))
        blocks = headings.mark(list(reader.blocks()))
    except (PackageNotFoundError, *PACKAGE_DAMAGE) as error:
        raise InvalidDocument(f"a damaged Word document ({type(error).__name__})") from None
    if not blocks:
        raise InvalidDocument("there is no text in it; pictures in Word documents are not read: save it as PDF")
    text = prose.document(blocks)
    return [RawDocument(name, text, title=reader.title or prose.title_found(reader.claimed_title, text))]


class _Reader:
    """Walks through a document's body in its order."""

    def __init__(self, document: WordDocument) -> None:
        self.title = ""
        self.claimed_title = document.core_properties.title or ""
        self._body = document.element.body
        self._styles = {style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))}
        self._numbering = Numbering(_part(document, RELATIONSHIP_TYPE.NUMBERING))
        self._notes: dict[tuple[str, str], Any] = {}
        for kind, part in (("footnote", RELATIONSHIP_TYPE.FOOTNOTES), ("endnote", RELATIONSHIP_TYPE.ENDNOTES)):
            root = _part(document, part)
            for note in [] if root is None else root.iter(qn(f"w:{kind}")):
                self._notes[kind, note.get(qn("w:id"), "")] = note
        self._note_count = 0

    def blocks(self) -> Iterator[str]:
        """Headings, paragraphs and tables of the body; a title over several paragraphs is one heading."""
        title = ""
        for block in self._blocks_of(self._body):
            if block.startswith("# ") and not self.title:
                title = prose.join(title, block[2:])
                continue
            if title and not self.title:
                self.title = title
                yield f"# {title}"
            yield block
        if title and not self.title:
            self.title = title
            yield f"# {title}"

    def _blocks_of(self, parent: Any) -> Iterator[str]:
        for element in parent:
            if element.tag == qn("w:p"):
                yield from self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag in _CONTAINERS:
                yield from self._blocks_of(element)

    def _paragraph(self, element: Any) -> Iterator[str]:
        notes: list[str] = []
        number = self._number(element)
        text = prose.one_line(self._text(element, notes))
        if text:
            depth = self._depth(element)
            if depth is None and not self.title and _looks_like_title(element, text):
                depth = TITLE
            is_heading = depth is not None and len(text) <= 2 * headings.HEADING_CHARACTERS
            yield f"{'#' * (min(depth or 0, DEEPEST) + 1)} {number}{text}" if is_heading else number + text
        for box in element.iter(_BOX):
            between = itertools.takewhile(lambda parent: parent is not element, box.iterancestors())
            if not any(parent.tag in _APART for parent in between):
                yield from self._blocks_of(box)
        yield from notes

    def _text(self, element: Any, notes: list[str]) -> str:
        """A paragraph's words; the footnotes that it refers to are added to `notes`."""
        parts = []
        for child in element:
            tag = child.tag
            if tag in _TEXT:
                parts.append(child.text or "")
            elif tag in _CHARACTERS:
                parts.append(_CHARACTERS[tag])
            elif tag in _NOTES:
                parts.append(self._note(_NOTES[tag], child.get(qn("w:id"), ""), notes))
            elif tag not in _APART and not _is_hidden(child):
                parts.append(self._text(child, notes))
        return "".join(parts)

    def _note(self, kind: str, identity: str, notes: list[str]) -> str:
        note = self._notes.pop((kind, identity), None)
        text = "" if note is None else prose.one_line(" ".join(self._text(one, []) for one in note.iter(qn("w:p"))))
        if not text:
            return ""
        self._note_count += 1
        notes.append(f"注{self._note_count}：{text}")
        return f"[注{self._note_count}]"

    def _table(self, element: Any) -> Iterator[str]:
        rows: list[dict[int, list[str]]] = []
        merges: list[list[int]] = []
        for source in _descendants(element, qn("w:tr")):
            row: dict[int, list[str]] = {}
            column = _int(_value(source.find(qn("w:trPr")), "w:gridBefore"))
            for cell in _descendants(source, qn("w:tc")):
                properties = cell.find(qn("w:tcPr"))
                right = column + max(_int(_value(properties, "w:gridSpan")), 1) - 1
                if right >= MAX_COLUMNS:
                    break
                above = next((one for one in merges if one[1] == column and one[2] == len(rows) - 1), None)
                if _goes_on(properties) and above:
                    above[2] = len(rows)
                else:
                    row[column] = list(self._blocks_of(cell))
                    merges.append([len(rows), column, len(rows), right])
                column = right + 1
            rows.append(row)
        width = max((merge[3] + 1 for merge in merges), default=0)
        if width == 1:  # a box around text
            yield from itertools.chain.from_iterable(row.get(0, []) for row in rows)
            return
        cells = [[tables.words(row.get(column, [])) for column in range(width)] for row in rows]
        spans = [(a, b, c, d) for a, b, c, d in merges if c > a or d > b]
        yield from tables.to_blocks(tables.Table(cells, spans))

    def _depth(self, element: Any) -> int | None:
        """0 for the title, 1 to 9 for headings by style or outline level, None for text."""
        properties = element.find(qn("w:pPr"))
        if outline := _value(properties, "w:outlineLvl"):
            return _outline_depth(outline)
        for style in self._chain(properties):
            name = _value(style, "w:name").lower()
            if name in _TITLE_STYLES:
                return TITLE
            if match := _HEADING_STYLE.match(name):
                return int(match[1])
            if outline := _value(style.find(qn("w:pPr")), "w:outlineLvl"):
                return _outline_depth(outline)
        return None

    def _number(self, element: Any) -> str:
        properties = element.find(qn("w:pPr"))
        places = [properties, *(style.find(qn("w:pPr")) for style in self._chain(properties))]
        numbers = [place.find(qn("w:numPr")) for place in places if place is not None]
        number = next((one for one in numbers if one is not None), None)
        if number is None:
            return ""
        return self._numbering.next(_value(number, "w:numId"), _int(_value(number, "w:ilvl")))

    def _chain(self, properties: Any | None) -> Iterator[Any]:
        """A paragraph's style, the one that it is based on, and so on."""
        identity, seen = _value(properties, "w:pStyle"), set()
        while identity in self._styles and identity not in seen:
            seen.add(identity)
            yield self._styles[identity]
            identity = _value(self._styles[identity], "w:basedOn")


def _part(document: WordDocument, kind: str) -> Any | None:
    """Root element of a part of the document, such as its footnotes; None where it has none."""
    try:
        part = document.part.part_related_by(kind)
    except KeyError:
        return None
    return parse_xml(part.blob)


def _descendants(element: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, through revisions and content controls, not those of tables within."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _descendants(child, tag)


def _looks_like_title(element: Any, text: str) -> bool:
    """Centred and large, as titles are that were set by hand; the red head of an office (`…局文件`) is not one."""
    sizes = [_int(size.get(qn("w:val"))) for size in element.iter(qn("w:sz"))]
    centred = _value(element.find(qn("w:pPr")), "w:jc") == "center"
    return centred and max(sizes, default=0) >= TITLE_HALF_POINTS and not text.endswith("文件")


def _is_hidden(element: Any) -> bool:
    properties = element.find(qn("w:rPr"))
    vanish = None if properties is None else properties.find(qn("w:vanish"))
    return vanish is not None and vanish.get(qn("w:val"), "1") not in {"0", "false"}


def _goes_on(properties: Any | None) -> bool:
    """Whether a cell belongs to the one above it."""
    merge = None if properties is None else properties.find(qn("w:vMerge"))
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"


def _outline_depth(level: str) -> int | None:
    return _int(level) + 1 if _int(level) < 9 else None  # 9 is the text's own


def _value(element: Any | None, tag: str) -> str:
    """Attribute `w:val` of a child; empty where there is none."""
    child = None if element is None else element.find(qn(tag))
    return "" if child is None else child.get(qn("w:val"), "")


def _int(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
