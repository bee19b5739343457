"""Reader of PDFs: text and tables by pdfplumber, one page after the other; pages that are pictures by OCR."""

import logging
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers import headings, prose
from knowledge.ingest.readers.content import Kind, of_kind
from knowledge.ingest.readers.limits import MAX_OCR_PAGES, MAX_PAGES
from knowledge.ingest.readers.pdf import extract, layout, ocr, render
from knowledge.ingest.readers.pdf.layout import Page

SUFFIXES = (".pdf",)
END_WITHIN = 4096  # bytes; programs append a little behind the end
PAGES_AT_ONCE = 50  # pdfminer keeps fonts and objects of what it has read; a new start frees them

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font that lacks something

# What pdfminer and PDFium raise on broken pages: their own errors, and those of code that trusts what it finds.
_DAMAGE = (
    PdfminerException, MalformedPDFException, PDFException, struct.error, ArithmeticError, AssertionError,
    AttributeError, LookupError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


@of_kind(Kind.PDF)
def read(path: Path, name: str) -> list[RawDocument]:
    """The document of a file.

    Raises:
        InvalidDocument: protected, truncated, damaged, too long, or without anything that could be read.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - END_WITHIN))
        if b"%%EOF" not in file.read():
            raise InvalidDocument("a truncated PDF: its end is missing, perhaps the download was cut off")
    count = render.page_count(path)
    if count > MAX_PAGES:
        raise InvalidDocument(f"a PDF of {count:,} pages: at most {MAX_PAGES:,} can be read")
    reader = _Reader(path)
    for first in range(1, count + 1, PAGES_AT_ONCE):
        reader.read_pages(range(first, min(first + PAGES_AT_ONCE, count + 1)))
    blocks, title = layout.document(reader.pages)
    notes = reader.notes()
    if not blocks:
        raise InvalidDocument(f"no text could be read: {'; '.join(notes) or 'its pages are empty'}")
    text = prose.document(headings.mark(blocks))
    return [RawDocument(name, text, title=title or prose.title_found(reader.claimed_title, text), notes=notes)]


class _Reader:
    """Collects the pages of a PDF, and what became of those that have no text."""

    def __init__(self, path: Path) -> None:
        self.pages: list[Page] = []
        self.claimed_title = ""
        self._path = path
        self._seen: list[tuple[int, float]] = []  # page by OCR, and how sure it was
        self._unsure: list[tuple[int, float]] = []
        self._not_seen: list[int] = []
        self._damaged: list[int] = []
        self._sideways: list[int] = []

    def read_pages(self, numbers: Sequence[int]) -> None:
        """Read some pages, counted from 1.

        Raises:
            InvalidDocument: damaged beyond its pages.
        """
        with self._path.open("rb") as file:  # pdfplumber's own closing fails where reading did
            try:
                pdf = pdfplumber.open(file, pages=list(numbers))
                self.claimed_title = self.claimed_title or str(pdf.metadata.get("Title") or "")
                pages = pdf.pages
            except _DAMAGE:
                raise InvalidDocument("a damaged PDF: its list of pages cannot be read") from None
            for page in pages:
                self._read_page(page)
                page.close()

    def _read_page(self, page: pdfplumber.page.Page) -> None:
        number = page.page_number
        try:
            if extract.is_scan(page):
                self._look_at(number)
            elif extract.is_sideways(page) and page.chars:
                self._sideways.append(number)
            else:
                self.pages.append(extract.read_page(page))
        except _DAMAGE:
            self._damaged.append(number)

    def _look_at(self, number: int) -> None:
        if len(self._seen) + len(self._unsure) >= MAX_OCR_PAGES:
            self._not_seen.append(number)
            return
        page, confidence = ocr.read_page(render.render(self._path, number))
        if page.items and confidence < ocr.MIN_CONFIDENCE:
            self._unsure.append((number, confidence))
        elif page.items:
            self._seen.append((number, confidence))
            self.pages.append(page)
        else:
            self._unsure.append((number, 0.0))

    def notes(self) -> tuple[str, ...]:
        """What staff should know, one line each."""
        lines = [f"page {number} was read by OCR, mean confidence {sure:.2f}" for number, sure in self._seen]
        lines += [
            f"page {number} is a picture that OCR could not read ({sure:.2f}): left out"
            for number, sure in self._unsure
        ]
        told = (
            (self._not_seen, f"pictures, not read: at most {MAX_OCR_PAGES} pages are read by OCR"),
            (self._damaged, "damaged: left out"),
            (self._sideways, "text that stands sideways: left out"),
        )
        lines += [f"pages {_ranges(numbers)}: {reason}" for numbers, reason in told if numbers]
        return tuple(lines)


def _ranges(numbers: Iterable[int]) -> str:
    """Page numbers as one says them: `3, 5-9`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in spans)
