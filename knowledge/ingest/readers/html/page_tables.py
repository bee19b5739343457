"""Tables of a page: taken out before the main text is looked for, since what looks for it loses heads and spans."""

import re
from collections.abc import Sequence
from typing import Any

from lxml import etree

from knowledge.ingest.readers import prose, tables
from knowledge.ingest.readers.limits import MAX_COLUMNS

MAX_CELL_CHARACTERS = 1_000  # a cell with more holds a part of the page, not a fact
LINK_SHARE = 0.5  # of a table's characters; a table of links leads elsewhere
MAX_SPAN = 1_000

_MARK = "⟦表{}⟧"
_AT_MARK = re.compile(r"⟦表(\d+)⟧.*", re.DOTALL)
_CELL_TAGS = ("td", "th")
_LAYOUT_TAGS = {"table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "center"}


def take_out(tree: Any) -> tuple[list[list[str]], list[tuple[str, str]]]:
    """Replace tables of facts by paragraphs that mark their places; tables that only lay the page out become `div`.

    Returns:
        The Markdown blocks of each table, by the number in its mark; and label and value of head tables, which are
        removed.
    """
    placed: list[list[str]] = []
    pairs: list[tuple[str, str]] = []
    for element in tree.xpath("//table"):
        if element.xpath(".//table") or not _is_of_facts(element):
            continue
        table = tables.arrange(([_cell(cell) for cell in row] for row in _rows(element)), MAX_COLUMNS)
        blocks = tables.to_blocks(table)
        if found := tables.key_values([[prose.one_line(cell) for cell in row] for row in table.rows]):
            pairs += found
            element.drop_tree()
            continue
        mark = etree.Element("p")
        # The table's words stay with the mark: the main text is found by where many words are.
        mark.text = f"{_MARK.format(len(placed))} {prose.one_line(element.text_content())}"
        mark.tail = element.tail
        element.getparent().replace(element, mark)
        placed.append(blocks)
    for element in tree.iter(*_LAYOUT_TAGS):
        element.tag = "div"
    return placed, pairs


def put_back(blocks: Sequence[str], placed: list[list[str]]) -> list[str]:
    """Blocks with the tables where their marks stand."""
    whole: list[str] = []
    for block in blocks:
        match = _AT_MARK.fullmatch(block.removeprefix("- "))
        whole += placed[int(match[1])] if match and int(match[1]) < len(placed) else [block]
    return whole


def _is_of_facts(element: Any) -> bool:
    rows = _rows(element)
    if sum(len(row) > 1 for row in rows) < 2 and not (rows and len(rows[0]) > 3):
        return False
    words = len("".join(element.text_content().split()))
    linked = sum(len("".join(link.text_content().split())) for link in element.iter("a"))
    longest = max((len(cell.text_content().strip()) for row in rows for cell in row), default=0)
    return bool(words) and linked <= LINK_SHARE * words and longest <= MAX_CELL_CHARACTERS


def _rows(element: Any) -> list[list[Any]]:
    return [[cell for cell in row if cell.tag in _CELL_TAGS] for row in element.iter("tr")]


def _cell(element: Any) -> tables.Cell:
    words = " ".join(text for text in element.itertext())
    return tables.Cell(prose.one_line(" ".join(words.split())), _span(element, "colspan"), _span(element, "rowspan"))


def _span(element: Any, name: str) -> int:
    value = (element.get(name) or "").strip()
    return min(int(value), MAX_SPAN) if value.isascii() and value.isdigit() else 1
