"""What a file is by its content. Offices name pages `.doc` and `.xls`; a download's name may be anything."""

import functools
import re
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path

from lxml import etree

from knowledge.ingest import readers
from knowledge.ingest.document import InvalidDocument, RawDocument, Refusal
from knowledge.ingest.readers.limits import DAMAGE, check_office, check_package, check_size

HEAD_BYTES = 4096
PDF_MARK_WITHIN = 1024  # where a PDF's mark may stand (ISO 32000-1, annex H, note 13)

Read = Callable[[Path, str], Iterable[RawDocument | Refusal]]


class Kind(Enum):
    """Kinds of content; each value is the file name ending of the reader that takes it."""

    PDF = ".pdf"
    HTML = ".html"
    WORD = ".docx"
    EXCEL = ".xlsx"
    ZIP = ".zip"
    TEXT = ".txt"


_NAMES = {
    Kind.PDF: "a PDF",
    Kind.HTML: "an HTML page",
    Kind.WORD: "a Word document",
    Kind.EXCEL: "an Excel workbook",
    Kind.ZIP: "a ZIP file",
    Kind.TEXT: "text",
}
# What libraries raise on a broken Word or Excel file: they trust what they find in it.
PACKAGE_DAMAGE = (
    *DAMAGE, etree.XMLSyntaxError, SyntaxError, TypeError, AttributeError, AssertionError,
)  # fmt: skip
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE2: Word, Excel and WPS until 2007, and protected ones since
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_PACKAGE_TYPES = "[Content_Types].xml"  # every Office package has it (ECMA-376, part 2)
# Formats that offices use and no reader takes, by how they begin, and what to do about it.
_UNREADABLE = (
    (b"{\\rtf", "an RTF file: open it in Word or WPS and save it as .docx"),
    (b"Rar!", "a RAR archive: pack the files as ZIP"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: pack the files as ZIP"),
    (b"\x1f\x8b", "a gzip archive: pack the files as ZIP"),
    (b"\x89PNG", "a picture: save it as a PDF, whose scanned pages are read"),
    (b"\xff\xd8\xff", "a picture: save it as a PDF, whose scanned pages are read"),
    (b"II*\0", "a picture: save it as a PDF, whose scanned pages are read"),
    (b"MM\0*", "a picture: save it as a PDF, whose scanned pages are read"),
    (b"MIME-Version:", "a web archive (MHTML): save the page as HTML"),
)
_UNREADABLE_PACKAGES = (
    ("OFD.xml", "an OFD file: open it in its reader and save it as PDF"),
    ("ppt/presentation.xml", "a presentation: save it as PDF"),
    ("xl/workbook.bin", "a binary Excel workbook: save it as .xlsx"),
    ("META-INF/manifest.xml", "an OpenDocument file: save it as .docx or .xlsx"),
)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|table)\b", re.I | re.S
)
_OFFICE_XML = re.compile(r"<\?mso-application|schemas\.microsoft\.com/office/(?:word|excel)/2003")


def of_kind(*kinds: Kind) -> Callable[[Read], Read]:
    """A reader of these kinds: files that are too large do not reach it, and those of another kind go to theirs."""

    def decorate(read: Read) -> Read:
        @functools.wraps(read)
        def read_by_content(path: Path, name: str) -> Iterable[RawDocument | Refusal]:
            check_size(path)
            actual = kind_of(path)
            if actual in kinds:
                return read(path, name)
            if actual is Kind.TEXT:
                raise InvalidDocument(f"not {_NAMES[kinds[0]]}")
            return readers.by_suffix()[actual.value].read(path, name)

        return read_by_content

    return decorate


def kind_of(path: Path) -> Kind:
    """The kind of a file; `TEXT` is whatever has no mark of another, be it text or not.

    Raises:
        InvalidDocument: of a kind that no reader takes, or a damaged package.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for mark, complaint in _UNREADABLE:
        if head.startswith(mark):
            raise InvalidDocument(complaint)
    if head.startswith(_OLD_OFFICE):
        if _ENCRYPTED_STREAM in path.read_bytes():
            raise InvalidDocument("protected by a password: save it without one")
        raise InvalidDocument("an old binary Office file: open it in Word or WPS and save it as .docx or .xlsx")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_package(path)
    text = _as_text(head)
    if _HTML.match(text):
        return Kind.HTML
    if _OFFICE_XML.search(text):
        raise InvalidDocument("Office XML of 2003: open it in Word, Excel or WPS and save it as .docx or .xlsx")
    if not text.lstrip().startswith("<") and b"%PDF-" in head[:PDF_MARK_WITHIN]:
        return Kind.PDF
    return Kind.TEXT


def _kind_of_package(path: Path) -> Kind:
    package = check_package(path)
    members = {member.filename for member in package}
    for member, complaint in _UNREADABLE_PACKAGES:
        if member in members:
            raise InvalidDocument(complaint)
    if _PACKAGE_TYPES not in members:
        return Kind.ZIP
    check_office(package)
    if "xl/workbook.xml" in members:
        return Kind.EXCEL
    if any(member.startswith("word/document") for member in members):  # some programs write document2.xml
        return Kind.WORD
    raise InvalidDocument("an Office file that is neither a Word document nor an Excel workbook")


def _as_text(head: bytes) -> str:
    """The beginning of a file in which marks of ASCII can be found."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "ignore")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
