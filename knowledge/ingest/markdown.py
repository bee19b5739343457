"""Reader of Markdown files with YAML front matter between two lines of `---`."""

from pathlib import Path

import yaml

from knowledge.ingest.document import Document, InvalidDocument, make_document

SUFFIXES = (".md",)
MAX_BYTES = 2_000_000
FENCE = "---"


def read(path: Path) -> Document:
    """The document of a file.

    Raises:
        InvalidDocument: too large, not UTF-8, without front matter, or against its rules.
        OSError: the file cannot be read.
    """
    if path.stat().st_size > MAX_BYTES:
        raise InvalidDocument(f"larger than {MAX_BYTES} bytes")
    try:
        return parse(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidDocument("not UTF-8 text") from None


def parse(text: str) -> Document:
    """The document of a file's text.

    Raises:
        InvalidDocument: without front matter, or against its rules.
    """
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != FENCE:
        raise InvalidDocument(f"the first line is not {FENCE}: front matter is missing")
    closing = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if closing is None:
        raise InvalidDocument(f"the front matter is not closed by {FENCE}")
    try:
        front = yaml.safe_load("\n".join(lines[1:closing]))
    except yaml.YAMLError as error:
        reason = getattr(error, "problem", None) or type(error).__name__
        raise InvalidDocument(f"the front matter is not YAML: {reason}") from None
    except ValueError as error:  # YAML's own dates, such as 2024-13-40
        raise InvalidDocument(f"the front matter is not YAML: {error}") from None
    return make_document(front, "\n".join(lines[closing + 1 :]))
