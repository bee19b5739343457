"""Reader of tables as text, their cells between commas (CSV), semicolons or tabs."""

import csv
from itertools import islice
from pathlib import Path

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers import prose, tables
from knowledge.ingest.readers.content import Kind, of_kind
from knowledge.ingest.readers.encoding import decode
from knowledge.ingest.readers.limits import MAX_COLUMNS, MAX_ROWS

SUFFIXES = (".csv",)
_DELIMITERS = ",\t;"


@of_kind(Kind.TEXT)
def read(path: Path, name: str) -> list[RawDocument]:
    """The table of a file.

    Raises:
        InvalidDocument: not text, no row in it, or not a table.
        OSError: the file cannot be read.
    """
    text = decode(path.read_bytes())
    delimiter = max(_DELIMITERS, key=text[: text.find("\n")].count)
    lines = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        rows = [row[:MAX_COLUMNS] for row in islice((row for row in lines if any(row)), MAX_ROWS)]
        rest = sum(1 for row in lines if any(row))
    except csv.Error as error:
        raise InvalidDocument(f"not a table in CSV: {error}") from None
    width = max(map(len, rows), default=0)
    blocks = tables.to_blocks(tables.Table([row + [""] * (width - len(row)) for row in rows]))
    if not blocks:
        raise InvalidDocument("there is no row in it")
    notes = (f"{rest:,} rows after the first {MAX_ROWS:,} were left out",) if rest else ()
    return [RawDocument(name, prose.document(blocks), notes=notes)]
