"""PDFs: with text, and scanned."""

from knowledge.ingest.readers.pdf.reader import SUFFIXES, read

__all__ = ["SUFFIXES", "read"]
