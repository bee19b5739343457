"""Reader of Markdown files: a sheet with YAML front matter between two lines of `---`, or a text without."""

import re
from pathlib import Path

import yaml

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers import prose
from knowledge.ingest.readers.content import Kind, of_kind
from knowledge.ingest.readers.encoding import decode

SUFFIXES = (".md", ".markdown")
FENCE = "---"
MAX_FRONT_CHARACTERS = 100_000  # the longest of ours has 2,000; a parser of YAML needs a minute for 10 MB

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@of_kind(Kind.TEXT)
def read(path: Path, name: str) -> list[RawDocument]:
    """The document of a file.

    Raises:
        InvalidDocument: not text, or front matter that is not closed or not YAML.
        OSError: the file cannot be read.
    """
    return [parse(decode(path.read_bytes()), name)]


def parse(text: str, name: str) -> RawDocument:
    """The document of a file's text, its front matter not yet checked against the rules.

    Raises:
        InvalidDocument: no text, or front matter that is not closed or not YAML.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != FENCE:
        body = prose.tidy(_COMMENT.sub("", "\n".join(lines))).strip()
        if not body:
            raise InvalidDocument("there is no text in it")
        return RawDocument(name, body + "\n", title=_title(body))
    closing = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if closing is None:
        raise InvalidDocument(f"the front matter is not closed by {FENCE}")
    front = _parse_front("\n".join(lines[1:closing]))
    return RawDocument(name, _COMMENT.sub("", "\n".join(lines[closing + 1 :])), front)


def _parse_front(text: str) -> dict[str, object]:
    if len(text) > MAX_FRONT_CHARACTERS:
        raise InvalidDocument(f"the front matter is longer than {MAX_FRONT_CHARACTERS:,} characters")
    try:
        front = yaml.safe_load(text)
    except yaml.YAMLError as error:
        reason = getattr(error, "problem", None) or type(error).__name__
        raise InvalidDocument(f"the front matter is not YAML: {' '.join(str(reason).split())}") from None
    except (ValueError, RecursionError) as error:  # YAML's own dates, such as 2024-13-40; brackets without end
        raise InvalidDocument(f"the front matter is not YAML: {error}") from None
    if not isinstance(front, dict):
        raise InvalidDocument("the front matter is not a list of `key: value`")
    return front


def _title(body: str) -> str:
    """The heading of level 1, where the text begins with it."""
    first = body.split("\n", 1)[0]
    return first[2:].strip() if first.startswith("# ") else ""
