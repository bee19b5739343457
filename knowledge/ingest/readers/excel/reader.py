"""Reader of Excel workbooks (XLSX): a section with a table for each sheet, merged cells filled, values as shown."""

import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
from lxml import etree
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers import prose, tables
from knowledge.ingest.readers.content import PACKAGE_DAMAGE, Kind, of_kind
from knowledge.ingest.readers.excel.number_format import shown
from knowledge.ingest.readers.limits import MAX_COLUMNS, MAX_ROWS

SUFFIXES = (".xlsx", ".xlsm", ".xls")  # an .xls that really is an old one is refused by its content
MAX_MERGES = 20_000
MAX_ROWS_LOOKED_AT = 200_000  # of a workbook, empty ones included: openpyxl makes each up to the last, 8 us each

_MERGE = "{*}mergeCell"
_ROW = "{*}row"


@of_kind(Kind.EXCEL)
def read(path: Path, name: str) -> list[RawDocument]:
    """The document of a workbook.

    Raises:
        InvalidDocument: damaged, or without a cell that holds anything.
        OSError: the file cannot be read.
    """
    try:
        # openpyxl leaves the file open where reading fails, and warns of what it would lose in writing.
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            blocks, notes = _read_sheets(workbook)
            title = str(workbook.properties.title or "")
    except (InvalidFileException, *PACKAGE_DAMAGE) as error:
        raise InvalidDocument(f"a damaged Excel workbook ({type(error).__name__})") from None
    if not blocks:
        raise InvalidDocument(f"there is nothing in its sheets{''.join(f'; {note}' for note in notes)}")
    text = prose.document(blocks)
    return [RawDocument(name, text, title=prose.title_found(title, text), notes=tuple(notes))]


def _read_sheets(workbook: Any) -> tuple[list[str], list[str]]:
    blocks: list[str] = []
    notes: list[str] = []
    left, to_look_at = MAX_ROWS, MAX_ROWS_LOOKED_AT
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            notes.append(f"sheet {sheet.title} is hidden: left out")
            continue
        if not to_look_at:
            notes.append(f"sheet {sheet.title} is left out: those before it have too many rows")
            continue
        rows, rest, last = _read_rows(sheet, left, to_look_at)
        left, to_look_at = left - len(rows), to_look_at - last
        if not to_look_at:
            notes.append(f"sheet {sheet.title}: what may stand below row {last:,} was not looked at")
        if rest:
            notes.append(f"sheet {sheet.title}: {rest:,} rows left out, at most {MAX_ROWS:,} of a workbook are read")
        width = max(map(len, rows.values()), default=0)
        table = tables.Table([row + [""] * (width - len(row)) for row in rows.values()], _merges(sheet, list(rows)))
        if found := tables.to_blocks(table):
            blocks += [f"## {prose.one_line(sheet.title)}", *found]
    return blocks, notes


def _read_rows(sheet: Any, limit: int, to_look_at: int) -> tuple[dict[int, list[str]], int, int]:
    """Rows that hold anything by their number from 0, how many follow beyond the limit, and how many there are in all."""
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    rows: dict[int, list[str]] = {}
    rest = count = 0
    for count, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, max_row=to_look_at), 1):
        if any(cell.value is not None for cell in row):
            if len(rows) < limit:
                rows[count - 1] = [shown(cell.value, cell.number_format) for cell in row]
            else:
                rest += 1
    return rows, rest, count


def _merges(sheet: Any, rows: list[int]) -> list[tuple[int, int, int, int]]:
    """Merged ranges, their rows counted as in the table, which lacks empty rows."""
    place = {row: at for at, row in enumerate(rows)}
    merges = []
    for reference in islice(_merge_references(sheet), MAX_MERGES):
        left, top, right, bottom = range_boundaries(reference)
        if None in (left, top, right, bottom):
            continue
        inside = [place[row] for row in range(top - 1, min(bottom, (rows or [0])[-1] + 1)) if row in place]
        if inside:
            merges.append((inside[0], left - 1, inside[-1], right - 1))
    return merges


def _merge_references(sheet: Any) -> Iterator[str]:
    """Ranges such as `A1:C1`. openpyxl gives none when it reads row by row, so they are read from the sheet's XML."""
    with sheet._get_source() as source:
        for _, element in etree.iterparse(source, tag=(_MERGE, _ROW), resolve_entities=False, no_network=True):
            if etree.QName(element).localname == "mergeCell":
                yield element.get("ref", "")
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
