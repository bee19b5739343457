"""ZIP files: each member by its own reader, none beyond the limits or outside the archive, and the others imported."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge.ingest.document import InvalidDocument, RawDocument, Refusal
from knowledge.ingest.readers import archive, limits
from tests import documents
from tests.documents import read_all, zip_of
from tests.pages import OLD_PAGE

TEXT = "支持标准：最高三十万元。"


def packed(folder: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """An archive whose names are UTF-8."""
    path = folder / "made.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return path


def refusals(path: Path) -> dict[str, str]:
    """Reason by name of the members that were refused."""
    return {one.name: one.reason for one in read_all(path) if isinstance(one, Refusal)}


def names(path: Path) -> list[str]:
    """Names of the members that were read."""
    return [one.name for one in read_all(path) if isinstance(one, RawDocument)]


def test_members_are_read_by_their_readers_under_their_chinese_names(tmp_path: Path) -> None:
    rules = documents.content_of(documents.rules_docx, tmp_path)
    members = [("页面/旧页.html", OLD_PAGE), ("办法.docx", rules), ("附件/清单.txt", TEXT.encode("gbk"))]
    zip_of(tmp_path / "all.zip", members)
    found = read_all(tmp_path / "all.zip")
    assert [one.name for one in found] == [f"all.zip/{name}" for name, _ in members]
    assert [isinstance(one, RawDocument) and one.title for one in found] == [
        "关于印发《促进高精尖产业发展实施细则》的通知",
        "创业担保贷款贴息资金管理办法",
        "",
    ]


def test_names_in_utf_8_with_and_without_the_flag(tmp_path: Path) -> None:
    path = packed(tmp_path, ("清单.txt", TEXT.encode()))
    assert names(path) == ["made.zip/清单.txt"]
    content = path.read_bytes()
    for at in (6, content.index(b"PK\x01\x02") + 8):  # the flag in the member's head and in the directory
        flags = struct.unpack_from("<H", content, at)[0] & ~0x800
        content = content[:at] + struct.pack("<H", flags) + content[at + 2 :]
    path.write_bytes(content)
    assert names(path) == ["made.zip/清单.txt"]


def test_one_bad_member_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    inner = packed(tmp_path, ("a.txt", TEXT.encode())).read_bytes()
    path = packed(
        tmp_path,
        ("1.txt", TEXT.encode()),
        ("empty.txt", b""),
        ("picture.jpg", b"\xff\xd8\xff"),
        ("nested.zip", inner),
        ("disguised.txt", inner),
        ("cut.pdf", b"%PDF-1.7\n"),
        ("2.txt", TEXT.encode()),
    )
    assert names(path) == ["made.zip/1.txt", "made.zip/2.txt"]
    found = refusals(path)
    assert found.pop("made.zip/picture.jpg").startswith("only .")
    assert found == {
        "made.zip/empty.txt": "the file is empty",
        "made.zip/nested.zip": "an archive within an archive: unpack it first",
        "made.zip/disguised.txt": "an archive within an archive: unpack it first",
        "made.zip/cut.pdf": "a truncated PDF: its end is missing, perhaps the download was cut off",
    }


@pytest.mark.parametrize(
    "name", ["../../etc/cron.txt", "a/../../b.txt", "/etc/passwd.txt", "C:\\Windows\\a.txt", "..\\a.txt"]
)
def test_a_path_that_leads_out_of_the_archive_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    path = packed(folder, (name, TEXT.encode()), ("fine.txt", TEXT.encode()))
    assert list(refusals(path).values()) == ["its path leads out of the archive"]
    assert names(path) == ["made.zip/fine.txt"]
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [path]


def test_what_systems_put_into_archives_is_passed_over(tmp_path: Path) -> None:
    hidden = ("__MACOSX/._a.txt", ".DS_Store", "a/Thumbs.db", "desktop.ini", "~$办法.docx", "a/.git/b.txt", "folder/")
    path = packed(
        tmp_path, *((name, TEXT.encode() if name[-1] != "/" else b"") for name in hidden), ("./a.txt", b"text.")
    )
    assert names(path) == ["made.zip/./a.txt"]
    assert refusals(path) == {}


class TestBombs:
    """What unpacks to more than it should, refused before or while it does."""

    def test_a_member_of_blanks(self, tmp_path: Path) -> None:
        path = packed(tmp_path, ("bomb.txt", b" " * (2 * limits.RATIO_FROM_BYTES)), ("fine.txt", TEXT.encode()))
        assert refusals(path) == {"made.zip/bomb.txt": "unpacks to more than 200 times its size"}
        assert names(path) == ["made.zip/fine.txt"]

    def test_a_whole_that_declares_more_than_the_limit(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", limits.MB)
        path = packed(tmp_path, ("a.txt", b"x" * limits.MB), ("b.txt", b"x"))
        with pytest.raises(InvalidDocument, match="unpacked it has 2 MB: at most 1 MB can be read"):
            read_all(path)

    def test_a_member_that_has_more_in_it_than_it_declares(self, tmp_path: Path) -> None:
        path = packed(tmp_path, ("liar.txt", b"a" * 3_000))
        content = path.read_bytes()
        for at in (22, content.index(b"PK\x01\x02") + 24):  # the size unpacked, twice
            content = content[:at] + struct.pack("<I", 10) + content[at + 4 :]
        path.write_bytes(content)
        assert refusals(path) == {"made.zip/liar.txt": "damaged within the archive"}

    def test_members_and_the_whole_have_limits(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = packed(tmp_path, *((f"{at}.txt", TEXT.encode() * 10) for at in range(3)), method=zipfile.ZIP_STORED)
        monkeypatch.setattr(archive, "MAX_FILE_BYTES", 10)
        assert set(refusals(path).values()) == {"larger than 0 MB when unpacked"}
        monkeypatch.undo()
        monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 800)
        assert names(path) == ["made.zip/0.txt", "made.zip/1.txt"]
        assert list(refusals(path)) == ["made.zip/2.txt"]

    def test_too_many_members(self, tmp_path: Path) -> None:
        path = packed(
            tmp_path, *((f"{at}.txt", b"x") for at in range(limits.MAX_MEMBERS + 1)), method=zipfile.ZIP_STORED
        )
        with pytest.raises(InvalidDocument, match="a ZIP file with 2,001 files in it: at most 2,000 can be read"):
            read_all(path)

    def test_a_million_entries_do_not_become_objects(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "made.zip").write_bytes(b"PK\x03\x04" + b"PK\x01\x02" * 1_000_000)
        monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was opened"))
        assert documents.complaint(tmp_path / "made.zip") == "a ZIP file with more than 2,000 files in it"


def test_protected_and_unknown_members_are_refused_and_say_what_to_do(tmp_path: Path) -> None:
    content = packed(tmp_path, ("a.txt", TEXT.encode()), method=zipfile.ZIP_STORED).read_bytes()
    directory = content.index(b"PK\x01\x02")
    for place, value, reason in (
        (8, 0x801, "protected by a password"),
        (10, 99, "packed by a method that is not known"),
    ):
        changed = bytearray(content)
        for at in (directory + place, place - 2):
            struct.pack_into("<H", changed, at, value)
        (tmp_path / "made.zip").write_bytes(changed)
        assert next(iter(refusals(tmp_path / "made.zip").values())).startswith(reason)


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"PK\x03\x04" + data[40:]], ids=["cut", "hole"]
)
def test_a_damaged_archive_is_refused(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.txt", TEXT.encode() * 50))
    path.write_bytes(damage(path.read_bytes()))
    complaint = documents.complaint(path)
    assert "damaged" in complaint or refusals(path) == {"made.zip/a.txt": "damaged within the archive"}


@pytest.mark.parametrize("members", [(), (("folder/", b""), (".DS_Store", b"x"))], ids=["empty", "hidden"])
def test_an_archive_with_nothing_in_it_is_refused(members: tuple[tuple[str, bytes], ...], tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match="there is no file in it"):
        read_all(packed(tmp_path, *members))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    called=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300), min_size=1, max_size=5, unique=True
    )
)
@example(called=["\0"])  # `zipfile` ends names there
@example(called=[f"a.{'x' * 300}"])  # longer than a file's name may be
def test_whatever_its_members_are_called_an_archive_stays_within_itself(called: list[str], tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in called:
            made.writestr(zipfile.ZipInfo(name), TEXT.encode())
    (tmp_path / "made.zip").write_bytes(buffer.getvalue())
    for found in documents.read_all(tmp_path / "made.zip") if not documents.complaint(tmp_path / "made.zip") else []:
        assert found.name.startswith("made.zip/")
    assert [one.name for one in tmp_path.iterdir()] == ["made.zip"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_an_archive_with_changed_bytes_is_read_or_refused_in_one_line(data: st.DataObject, tmp_path: Path) -> None:
    content = bytearray(packed(tmp_path, ("甲.txt", TEXT.encode()), ("b.html", OLD_PAGE)).read_bytes())
    for at, value in data.draw(st.lists(st.tuples(st.integers(4, len(content) - 1), st.integers(0, 255)), max_size=20)):
        content[at] = value
    (tmp_path / "made.zip").write_bytes(content)
    documents.complaint(tmp_path / "made.zip")
