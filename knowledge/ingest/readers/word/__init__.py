"""Word documents."""

from knowledge.ingest.readers.word.reader import SUFFIXES, read

__all__ = ["SUFFIXES", "read"]
