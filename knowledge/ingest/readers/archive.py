"""Reader of ZIP files: their members by the other readers, one after the other, nothing unpacked beyond the limits."""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath
from tempfile import TemporaryDirectory

from knowledge.ingest.document import InvalidDocument, RawDocument, Refusal
from knowledge.ingest.readers import Reader, by_suffix
from knowledge.ingest.readers.content import Kind, kind_of, of_kind
from knowledge.ingest.readers.limits import DAMAGE, MAX_FILE_BYTES, MAX_RATIO, MAX_UNPACKED_BYTES, MB, RATIO_FROM_BYTES

SUFFIXES = (".zip",)
_BLOCK = 64 * 1024
_UTF8_NAME = 0x800  # flag: the name is UTF-8; else it is in whatever encoding its Windows had (APPNOTE.TXT, 4.4.4)
_ENCRYPTED = 0x1
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}


@of_kind(Kind.ZIP)
def read(path: Path, name: str) -> Iterator[RawDocument | Refusal]:
    """The documents of an archive; a member that cannot be read is a refusal, and the others follow.

    Raises:
        InvalidDocument: damaged, or beyond the limits as a whole.
        OSError: the file cannot be read.
    """
    return _read_members(path, name)


def _read_members(path: Path, name: str) -> Iterator[RawDocument | Refusal]:
    left = MAX_UNPACKED_BYTES
    empty = True
    with zipfile.ZipFile(path) as archive, TemporaryDirectory() as folder:
        for member in archive.infolist():
            inner = _name_of(member)
            if inner.endswith("/") or is_hidden(PurePosixPath(inner)):
                continue
            label, file = f"{name}/{inner}", Path(folder) / "member"
            try:
                reader = _reader_of(inner)
                left -= _unpack(archive, member, file, left)
                if kind_of(file) is Kind.ZIP:
                    raise InvalidDocument("an archive within an archive: unpack it first")
                found = list(reader.read(file, label))
            except InvalidDocument as error:
                found = [Refusal(label, str(error))]
            finally:
                file.unlink(missing_ok=True)
            empty = False
            yield from found
    if empty:
        raise InvalidDocument("there is no file in it")


def _reader_of(inner: str) -> Reader:
    """The reader of a member by its name, of which nothing is used on disk."""
    if ".." in PurePosixPath(inner).parts or inner.startswith("/") or inner[1:2] == ":":
        raise InvalidDocument("its path leads out of the archive")
    known = by_suffix()
    reader = known.get(PurePosixPath(inner).suffix.lower())
    if reader is None:
        raise InvalidDocument(f"only {', '.join(known)} can be read")
    return reader


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path, left: int) -> int:
    """Write a member to a file; the number of bytes that came out.

    Args:
        left: how many bytes the rest of the archive may still have.
    """
    if member.flag_bits & _ENCRYPTED:
        raise InvalidDocument("protected by a password: pack it without one")
    count = 0
    try:
        with archive.open(member) as source, file.open("wb") as target:
            while block := source.read(_BLOCK):
                count += len(block)
                _check_count(count, member.compress_size, left)
                target.write(block)
    except InvalidDocument:
        raise
    except NotImplementedError:  # zipfile's word for a method of packing that it does not know
        raise InvalidDocument("packed by a method that is not known here: pack it as an ordinary ZIP") from None
    except DAMAGE:
        raise InvalidDocument("damaged within the archive") from None
    return count


def _check_count(count: int, packed: int, left: int) -> None:
    if count > MAX_FILE_BYTES:
        raise InvalidDocument(f"larger than {MAX_FILE_BYTES // MB} MB when unpacked")
    if count > left:
        raise InvalidDocument(f"the archive has more than {MAX_UNPACKED_BYTES // MB} MB when unpacked")
    if count > RATIO_FROM_BYTES and count > MAX_RATIO * packed:
        raise InvalidDocument(f"unpacks to more than {MAX_RATIO} times its size")


def _name_of(member: zipfile.ZipInfo) -> str:
    """The member's path, its name decoded: Windows in Chinese writes GBK, which `zipfile` takes for code page 437."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def is_hidden(inner: PurePath) -> bool:
    """What systems and programs put into archives and folders by themselves, by its path within."""
    parts = inner.parts
    hidden = any(part == "__MACOSX" or (part.startswith(".") and part not in {".", ".."}) for part in parts)
    return hidden or not parts or parts[-1].lower() in _SYSTEM_FILES or parts[-1].startswith("~$")
