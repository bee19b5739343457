"""Web pages."""

from knowledge.ingest.readers.html.reader import SUFFIXES, read

__all__ = ["SUFFIXES", "read"]
