"""Pages with places into running text: what repeats at the margins goes, lines become paragraphs, tables go on."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from statistics import median

from knowledge.ingest.readers import prose, tables
from knowledge.ingest.readers.prose import Line

MARGIN_SHARE = 0.12  # of a page's height, at the top and at the bottom: where headers and footers stand
REPEATED_SHARE = 0.5  # of the pages
LARGER = 1.2  # times the size of the text: a title (22 to 16 points in GB/T 9704-2012)
TITLE_ABOVE = 0.6  # of the first page's height
LONGEST_TITLE_LINES = 5
OFF_CENTRE = 0.05  # of the page's width
SAME_SIZE = 0.15  # lines of one title differ by less; boxes of OCR are not exact
USUAL_GAPS = 1.8  # times the usual room between two lines: an empty line
FEW_LINES = 5  # too few to tell the margins by
MIN_FULL_SHARE = 0.6  # of the width of the text: shorter lines did not end for want of room
SAME_PLACE = 6.0  # points
# In characters: a paragraph's indent, room left in a full line, an empty line, another size, a blank.
INDENT, RAGGED, GAP, OTHER_SIZE, WORD_GAP = 1.2, 2.1, 1.2, 0.25, 0.4
DEEPEST_INDENT = 4.0  # a title or a signature stands further in

_PAGE_NUMBER = re.compile(
    r"[-—–－·\s]*(?:第 ?)?[\dⅠ-Ⅻivx]{1,4}(?: ?页)?(?:[ ,，]*[/／共] ?共? ?\d{1,4}(?: ?页)?)?[-—–－·\s]*"
)
_CONTINUED = re.compile(r"[（(]?续(?:上?表)?\d{0,2}[）)]?|表 ?\d{0,2}.{0,30}[（(]续[）)]")
_FIGURES = re.compile(r"\d+")


@dataclass(frozen=True)
class Piece:
    """A run of text and its box, in points from the page's upper left corner."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float


@dataclass(frozen=True)
class PageTable:
    """A table with its merged cells filled, and the box around it."""

    table: tables.Table
    x0: float
    x1: float
    top: float
    bottom: float


Item = Piece | PageTable


@dataclass
class Page:
    """A page's lines and tables from top to bottom."""

    width: float
    height: float
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class _Margins:
    left: float
    right: float
    size: float
    gap: float
    indented: float  # share of the lines


def lines_of(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces put together into lines, from top to bottom and from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: (one.top + one.bottom, one.x0)):
        middle = (piece.top + piece.bottom) / 2
        if rows and rows[-1][0].top <= middle <= rows[-1][0].bottom:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [line for row in rows if (line := _line(sorted(row, key=lambda one: one.x0))).text]


def document(pages: Sequence[Page]) -> tuple[list[str], str]:
    """Blocks of Markdown of all pages together, and the title where one stands out on the first; changes the pages."""
    _drop_margins(pages)
    title = _mark_title(pages[0], _text_size(pages)) if pages else ""
    blocks: list[str] = []
    for run in _runs(pages):
        blocks += tables.to_blocks(run) if isinstance(run, tables.Table) else prose.join_lines(run)
    return blocks, title


def _line(row: list[Piece]) -> Piece:
    text = row[0].text
    for before, piece in itertools.pairwise(row):
        text += (" " if piece.x0 - before.x1 > WORD_GAP * _height(piece) else "") + piece.text
    top, bottom = min(piece.top for piece in row), max(piece.bottom for piece in row)
    return Piece(prose.tidy(text), row[0].x0, max(piece.x1 for piece in row), top, bottom)


def _drop_margins(pages: Sequence[Page]) -> None:
    """Take away page numbers, and what stands in the margin of at least half of the pages."""
    counts = Counter(key for page in pages for key in {_key(item) for item in page.items if _in_margin(page, item)})
    often = max(2, REPEATED_SHARE * len(pages))
    for page in pages:
        kept: list[Item] = []
        for item in page.items:
            repeated = counts[_key(item)] >= often or bool(_PAGE_NUMBER.fullmatch(_key(item)))
            if not (_in_margin(page, item) and repeated):
                kept.append(item)
        page.items = kept


def _in_margin(page: Page, item: Item) -> bool:
    outside = item.bottom < MARGIN_SHARE * page.height or item.top > (1 - MARGIN_SHARE) * page.height
    return outside and isinstance(item, Piece)


def _key(item: Item) -> str:
    """What is the same in a header or footer on every page."""
    return _FIGURES.sub("0", item.text) if isinstance(item, Piece) else ""


def _text_size(pages: Sequence[Page]) -> float:
    """The size in which most characters are set, in points."""
    lines = [item for page in pages for item in page.items if isinstance(item, Piece)]
    sizes = sorted((_height(line), len(line.text)) for line in lines)
    half, passed = sum(length for _, length in sizes) / 2, 0
    for size, length in sizes:
        passed += length
        if passed >= half:
            return size
    return 0.0


def _mark_title(page: Page, size: float) -> str:
    """Make the first large lines in the middle of a page one heading."""
    items = list(itertools.takewhile(lambda item: isinstance(item, Piece), page.items))
    lines = [item for item in items if isinstance(item, Piece) and item.top < TITLE_ABOVE * page.height]
    centred = [_is_centred(line, page) for line in lines]
    first = next((at for at, line in enumerate(lines) if centred[at] and _height(line) >= LARGER * size), None)
    if first is None:
        return ""
    height = _height(lines[first])
    alike = [centred[at] and abs(_height(line) - height) < SAME_SIZE * height for at, line in enumerate(lines)]
    last = first
    while first > 0 and alike[first - 1]:
        first -= 1
    while last + 1 < len(lines) and last - first < LONGEST_TITLE_LINES and alike[last + 1]:
        last += 1
    title = ""
    for line in lines[first : last + 1]:
        title = prose.join(title, line.text)
    page.items[first : last + 1] = [replace(lines[first], text=f"# {title}")]
    return title


def _is_centred(line: Piece, page: Page) -> bool:
    """In the middle of its page, and not the red head of an office (`…局文件`)."""
    middle = (line.x0 + line.x1) / 2
    return abs(middle - page.width / 2) < OFF_CENTRE * page.width and not line.text.endswith("文件")


def _runs(pages: Sequence[Page]) -> Iterator[list[Line] | tables.Table]:
    """Lines that stand between two tables, and tables with what follows of them on the next pages."""
    lines: list[Line] = []
    open_table: PageTable | None = None
    margins = _margins(pages)
    for page, margin in zip(pages, margins, strict=True):
        before: Piece | None = None
        at_top = True  # nothing stands above but the word that a table goes on
        for item in page.items:
            if isinstance(item, PageTable):
                if lines:
                    yield lines
                    lines = []
                if open_table and at_top and _goes_on(open_table, item):
                    open_table = _continued(open_table, item)
                else:
                    if open_table:
                        yield open_table.table
                    open_table, before = item, None
                at_top = False
            elif not (open_table and at_top and _CONTINUED.fullmatch(item.text)):
                if open_table:
                    yield open_table.table
                    open_table = None
                lines.append(_placed(item, before, margin))
                before, at_top = item, False
    if lines:
        yield lines
    if open_table:
        yield open_table.table


def _margins(pages: Sequence[Page]) -> list[_Margins]:
    """Where the text begins and ends on each page; a page of few or short lines has those of the others."""
    own = [_own_margins(page) for page in pages]
    found = [one for one in own if one]
    if not found:
        width = max((page.width for page in pages), default=0.0)
        found = [_Margins(MARGIN_SHARE * width, (1 - MARGIN_SHARE) * width, _text_size(pages), 0.0, 0.0)]
    usual = _Margins(*(median(values) for values in zip(*map(astuple, found), strict=True)))
    return [
        replace(one or usual, right=max((one or usual).right, min(usual.right, page.width)))
        for page, one in zip(pages, own, strict=True)
    ]


def _own_margins(page: Page) -> _Margins | None:
    """The margins that a page shows by itself; None where its lines are too few."""
    pieces = [item for item in page.items if isinstance(item, Piece)]
    if len(pieces) < FEW_LINES:
        return None
    right = sorted(piece.x1 for piece in pieces)[-2]  # one line may stand out
    gap = median(below.top - above.bottom for above, below in itertools.pairwise(pieces))
    left, size = min(piece.x0 for piece in pieces), _text_size([page])
    indented = sum(INDENT * size < piece.x0 - left < DEEPEST_INDENT * size for piece in pieces)
    return _Margins(left, right, size, gap, indented / len(pieces))


def _height(piece: Piece) -> float:
    return piece.bottom - piece.top


def _placed(piece: Piece, before: Piece | None, margin: _Margins) -> Line:
    size = _height(piece)
    full = piece.x1 > margin.right - RAGGED * size and piece.x1 - piece.x0 > MIN_FULL_SHARE * (
        margin.right - margin.left
    )
    # Where no paragraph is indented, nothing but the end of a sentence tells where one ends.
    full = full and (margin.indented > 0 or not prose.ends_sentence(piece.text))
    apart = before is not None and (
        piece.top - before.bottom > max(GAP * margin.size, USUAL_GAPS * margin.gap)
        or abs(size - _height(before)) > OTHER_SIZE * size
        or "# " in (before.text[:2], piece.text[:2])
    )
    return Line(piece.text, full, piece.x0 > margin.left + INDENT * size, apart)


def _goes_on(table: PageTable, item: PageTable) -> bool:
    """Whether a table at the top of a page continues the one that ended the page before: the same columns."""
    near = all(abs(a - b) < SAME_PLACE for a, b in ((table.x0, item.x0), (table.x1, item.x1)))
    return near and len(table.table.rows[0]) == len(item.table.rows[0])


def _continued(table: PageTable, item: PageTable) -> PageTable:
    """Both tables as one: a head that is repeated goes, and so does the cut through a row or a merged cell."""
    rows, more = table.table.rows, [list(row) for row in item.table.rows]
    heads = 0
    while heads < min(2, len(rows), len(more) - 1) and rows[heads] == more[heads]:
        heads += 1
    merges = [merge for merge in item.table.merges if merge[0] >= heads]
    first, last = more[heads], rows[-1]
    if any(first) and not first[0]:
        here = next((merge for merge in merges if merge[0] == heads and merge[1] == 0), None)
        reaches = any(merge[2] == len(rows) - 1 and merge[1] == 0 for merge in table.table.merges)
        if here or reaches:
            for row in more[heads : (here[2] if here else heads) + 1]:
                row[0] = last[0]
        else:
            rows = [*rows[:-1], [prose.join(a, b) for a, b in zip(last, first, strict=True)]]
            heads += 1
            merges = [merge for merge in merges if merge[0] >= heads]
    shift = len(rows) - heads
    moved = [(top + shift, left, bottom + shift, right) for top, left, bottom, right in merges]
    whole = tables.Table([*rows, *more[heads:]], [*table.table.merges, *moved])
    return replace(item, table=whole)
