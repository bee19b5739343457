"""Excel workbooks."""

from knowledge.ingest.readers.excel.reader import SUFFIXES, read

__all__ = ["SUFFIXES", "read"]
