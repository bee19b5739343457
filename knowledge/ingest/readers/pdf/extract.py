"""One page of a PDF by pdfplumber: its lines and ruled tables, and whether its text can be trusted at all."""

import re
from typing import Any

from pdfplumber.page import Page as PdfPage

from knowledge.ingest.readers import tables
from knowledge.ingest.readers.pdf.layout import Item, Page, PageTable, Piece, lines_of

FEW_CHARACTERS, SOME_CHARACTERS = 20, 100  # a stamp or page number on a scan; a heading above one
LARGE_IMAGE = 0.5  # of the page's area
MANY_CURVES = 100  # characters that were turned into outlines
GARBLED_SHARE = 0.3  # of the characters: the font says nothing of what its glyphs mean
DOUBLED_SHARE = 0.2  # of the characters printed twice, to look bold
WORD_GAP = 0.4  # of a character's size; justified Chinese has less between two characters

_GARBLED = re.compile(r"\(cid:\d+\)|[\ue000-\uf8ff\ufffd\x00-\x08]")


def is_scan(page: PdfPage) -> bool:
    """Whether the page must be looked at: it has no text that can be read, and something else stands on it."""
    characters = [one["text"] for one in page.chars if one["text"].strip()]
    images = sum(_covered(image, page) for image in page.images)
    if len(characters) < FEW_CHARACTERS:
        return bool(page.images) or len(page.curves) > MANY_CURVES
    if len(characters) < SOME_CHARACTERS and images > LARGE_IMAGE:
        return True
    return sum(bool(_GARBLED.fullmatch(one)) for one in characters) > GARBLED_SHARE * len(characters)


def is_sideways(page: PdfPage) -> bool:
    """Whether most of the text runs up or down the page: a wide table that was turned."""
    return sum(not one["upright"] for one in page.chars) * 2 > len(page.chars)


def read_page(page: PdfPage) -> Page:
    """Lines and tables of a page, from top to bottom; slanted text, such as a watermark, is left out."""
    upright: Any = page
    if any(not one["upright"] for one in page.chars):
        upright = upright.filter(lambda one: one.get("upright", True))
    if _is_doubled(upright):
        upright = upright.dedupe_chars()
    found = [table for table in upright.find_tables() if _is_table(table)] if len(page.edges) > 3 else []
    boxes = [table.bbox for table in found]
    outside = upright.filter(lambda one: not _within(one, boxes)) if boxes else upright
    words = outside.extract_words(x_tolerance_ratio=WORD_GAP, keep_blank_chars=True)
    pieces = [Piece(word["text"], word["x0"], word["x1"], word["top"], word["bottom"]) for word in words]
    items: list[Item] = [*lines_of(pieces), *(_page_table(table) for table in found)]
    return Page(float(page.width), float(page.height), sorted(items, key=lambda item: item.top))


def _covered(image: dict[str, Any], page: PdfPage) -> float:
    """Share of the page that an image covers."""
    width = min(image["x1"], page.width) - max(image["x0"], 0)
    height = min(image["bottom"], page.height) - max(image["top"], 0)
    return float(max(width, 0) * max(height, 0) / (page.width * page.height))


def _is_doubled(page: Any) -> bool:
    places = {(one["text"], round(one["x0"] / 2), round(one["top"] / 2)) for one in page.chars}
    return len(places) < (1 - DOUBLED_SHARE) * len(page.chars)


def _is_table(table: Any) -> bool:
    """Ruled on both sides of more than one column; a frame around text is none."""
    return len({cell[0] for cell in table.cells}) > 1


def _within(one: dict[str, Any], boxes: list[tuple[float, float, float, float]]) -> bool:
    if one["object_type"] != "char":
        return False
    x, y = (one["x0"] + one["x1"]) / 2, (one["top"] + one["bottom"]) / 2
    return any(x0 <= x < x1 and top <= y < bottom for x0, top, x1, bottom in boxes)


def _page_table(table: Any) -> PageTable:
    lefts = sorted({cell[0] for cell in table.cells})
    tops = sorted({cell[1] for cell in table.cells})
    texts = table.extract(x_tolerance_ratio=WORD_GAP)
    merges = []
    for top, row in enumerate(table.rows):
        for left, cell in enumerate(row.cells):
            if cell is None:
                continue
            right = sum(x < cell[2] - 1 for x in lefts) - 1
            bottom = sum(y < cell[3] - 1 for y in tops) - 1
            if right > left or bottom > top:
                merges.append((top, left, bottom, right))
    x0, top_edge, x1, bottom_edge = table.bbox
    filled = tables.fill(tables.Table([[cell or "" for cell in row] for row in texts], merges))
    return PageTable(filled, x0, x1, top_edge, bottom_edge)
