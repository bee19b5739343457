"""Reader of plain text files."""

from pathlib import Path

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers import headings, prose
from knowledge.ingest.readers.content import Kind, of_kind
from knowledge.ingest.readers.encoding import decode

SUFFIXES = (".txt",)


@of_kind(Kind.TEXT)
def read(path: Path, name: str) -> list[RawDocument]:
    """The document of a file.

    Raises:
        InvalidDocument: not text, or nothing but blanks.
        OSError: the file cannot be read.
    """
    blocks = headings.mark(prose.paragraphs(decode(path.read_bytes())))
    if not blocks:
        raise InvalidDocument("there is no text in it")
    return [RawDocument(name, prose.document(blocks))]
