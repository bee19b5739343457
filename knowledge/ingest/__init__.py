"""Documents into the database: a reader for each format, the front matter's rules, the splitter, and the store.

A new format is one file here with `SUFFIXES` and `read(path) -> Document`; `readers()` finds it by these names.
"""

import importlib
import pkgutil
from pathlib import Path
from typing import Protocol, cast

from knowledge.ingest.document import Document


class Reader(Protocol):
    """What a format's module offers."""

    SUFFIXES: tuple[str, ...]
    """File name endings it reads, such as `.md`."""

    def read(self, path: Path) -> Document:
        """The document of a file; raises `InvalidDocument`."""


def readers() -> dict[str, Reader]:
    """The reader of each file name ending."""
    found: dict[str, Reader] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        if hasattr(module, "SUFFIXES"):
            reader = cast(Reader, module)
            found |= dict.fromkeys(reader.SUFFIXES, reader)
    return found
