"""What a document says about itself: title, number, issuers, days, status, and which others it replaces or changes."""

from knowledge.ingest.metadata.extraction import Extracted, extract

__all__ = ["Extracted", "extract"]
