"""How much of a file is read. What is larger is refused before it is opened, or read in part with a note.

The figures are this project's own: they hold the largest documents that offices publish, and bound memory and time.
"""

import lzma
import math
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from knowledge.ingest.document import InvalidDocument

MB = 2**20
MAX_FILE_BYTES = 50 * MB
MAX_UNPACKED_BYTES = 200 * MB  # of all that a ZIP, DOCX or XLSX file holds
MAX_PART_BYTES = 40 * MB  # of a Word document's XML, which needs some ten times as much memory
MAX_MEMBERS = 2_000
MAX_RATIO = 200  # bytes unpacked to bytes packed; text reaches 10 to 50, a bomb 1,000
RATIO_FROM_BYTES = MB  # a small file of blanks is no bomb
MAX_PAGES = 1_000
MAX_OCR_PAGES = 50  # some seconds each
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_TEXT_CHARACTERS = 20_000_000  # ten times the longest statute book

# What `zipfile` raises on a broken archive: its own errors, and those of code that trusts what it finds.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ArithmeticError, LookupError, ValueError,
    RuntimeError,
)  # fmt: skip
_ENTRY = b"PK\x01\x02"  # begins each entry of a ZIP file's directory
_DAMAGED = "a damaged ZIP, Word or Excel file: perhaps its download was cut off"
_NESTED = 10  # stored documents within bring entries of their own, which are counted as well


def check_size(path: Path) -> None:
    """Refuse what is empty or larger than a file may be.

    Raises:
        InvalidDocument: naming the size.
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise InvalidDocument(f"a {math.ceil(size / MB)} MB file: at most {MAX_FILE_BYTES // MB} MB can be read")
    if not size:
        raise InvalidDocument("the file is empty")


def check_package(path: Path) -> list[zipfile.ZipInfo]:
    """Refuse a ZIP file that would unpack to more than may be; `zipfile` never unpacks more than a member declares.

    Returns:
        Its members.

    Raises:
        InvalidDocument: damaged, or larger than the limits.
    """
    if path.read_bytes().count(_ENTRY) > MAX_MEMBERS * _NESTED:  # before a million entries become objects
        raise InvalidDocument(f"a ZIP file with more than {MAX_MEMBERS:,} files in it")
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
    except DAMAGE:
        raise InvalidDocument(_DAMAGED) from None
    if any(member.header_offset < 0 for member in members):  # `zipfile` notices when it is there
        raise InvalidDocument(_DAMAGED)
    if len(members) > MAX_MEMBERS:
        raise InvalidDocument(f"a ZIP file with {len(members):,} files in it: at most {MAX_MEMBERS:,} can be read")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES // MB
        raise InvalidDocument(f"unpacked it has {math.ceil(unpacked / MB)} MB: at most {limit} MB can be read")
    return members


def check_office(members: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse a Word or Excel file a part of which is a bomb, or more than can be held: its library reads it as a whole.

    Raises:
        InvalidDocument: naming the part.
    """
    for member in members:
        if member.file_size > RATIO_FROM_BYTES and member.file_size > MAX_RATIO * member.compress_size:
            raise InvalidDocument(f"its part {member.filename} unpacks to more than {MAX_RATIO} times its size")
        if (
            member.file_size > MAX_PART_BYTES
            and member.filename.startswith("word/")
            and member.filename.endswith(".xml")
        ):
            raise InvalidDocument(f"its part {member.filename} has more than {MAX_PART_BYTES // MB} MB when unpacked")
