"""Readers: a file into a document, one module or package for each format.

A new format is one file here with `SUFFIXES` and `read(path, name)`; `by_suffix()` finds it by these names.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, cast

from knowledge.ingest.document import RawDocument, Refusal


class Reader(Protocol):
    """What a format's module offers."""

    SUFFIXES: tuple[str, ...]
    """File name endings it reads, such as `.md`."""

    def read(self, path: Path, name: str) -> Iterable[RawDocument | Refusal]:
        """The document of a file called `name`, or those of an archive; raises `InvalidDocument`."""


def by_suffix() -> dict[str, Reader]:
    """The reader of each file name ending."""
    found: dict[str, Reader] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        if hasattr(module, "SUFFIXES"):
            reader = cast(Reader, module)
            found |= dict.fromkeys(reader.SUFFIXES, reader)
    return found
