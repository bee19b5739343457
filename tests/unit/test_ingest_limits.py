"""What a file is by its content, and what is refused before it is opened: each in one line that says what to do."""

import zipfile
from pathlib import Path

import pytest

from knowledge.ingest.readers import by_suffix, limits
from knowledge.ingest.readers.content import Kind, kind_of
from tests import documents
from tests.documents import complaint, read

TEXT = "支持标准：最高三十万元。"


@pytest.mark.parametrize("suffix", sorted(by_suffix()))
def test_a_file_of_200_mb_is_refused_without_being_read(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"large{suffix}"
    with path.open("wb") as file:
        file.truncate(200 * limits.MB)
    monkeypatch.setattr(Path, "open", lambda *_arguments, **_options: pytest.fail("it was opened"))
    assert complaint(path) == "a 200 MB file: at most 50 MB can be read"


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"{\\rtf1\\ansi", "save it as .docx"),
        (b"Rar!\x1a\x07\x00", "pack the files as ZIP"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "pack the files as ZIP"),
        (b"\x1f\x8b\x08\x00", "pack the files as ZIP"),
        (b"\x89PNG\r\n\x1a\n", "save it as a PDF, whose scanned pages are read"),
        (b"\xff\xd8\xff\xe0", "save it as a PDF, whose scanned pages are read"),
        (b"MIME-Version: 1.0\r\n", "save the page as HTML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "save it as .docx or .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "save it without one"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>', "save it as .docx or .xlsx"),
    ],
)
@pytest.mark.parametrize("suffix", [".docx", ".doc", ".pdf", ".txt"])
def test_formats_that_no_reader_takes_are_named_with_what_to_do(
    content: bytes, advice: str, suffix: str, tmp_path: Path
) -> None:
    (tmp_path / f"file{suffix}").write_bytes(content)
    assert complaint(tmp_path / f"file{suffix}").endswith(advice)


@pytest.mark.parametrize(
    ("member", "advice"),
    [
        ("OFD.xml", "save it as PDF"),
        ("ppt/presentation.xml", "save it as PDF"),
        ("xl/workbook.bin", "save it as .xlsx"),
        ("META-INF/manifest.xml", "save it as .docx or .xlsx"),
        ("visio/document.xml", "neither a Word document nor an Excel workbook"),
    ],
)
def test_packages_that_no_reader_takes_are_named_with_what_to_do(member: str, advice: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "file.zip", "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(member, "<x/>")
    assert complaint(tmp_path / "file.zip").endswith(advice)


@pytest.mark.parametrize("suffix", [".pdf", ".doc", ".xls", ".docx", ".xlsx", ".zip", ".txt", ".md", ".csv", ".html"])
def test_a_wrong_name_does_not_matter(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    documents.rules_docx(path)
    assert kind_of(path) is Kind.WORD
    assert read(path).title == "创业担保贷款贴息资金管理办法"
    documents.products_xlsx(path)
    assert kind_of(path) is Kind.EXCEL
    assert "| 北京银行 | 产品1 |" in read(path).text


def test_text_in_a_file_that_must_have_a_mark_is_refused(tmp_path: Path) -> None:
    for suffix, name in (
        (".pdf", "a PDF"),
        (".docx", "a Word document"),
        (".xlsx", "an Excel workbook"),
        (".zip", "a ZIP file"),
    ):
        (tmp_path / f"file{suffix}").write_text(TEXT)
        assert complaint(tmp_path / f"file{suffix}") == f"not {name}"


@pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
def test_an_office_file_that_is_a_bomb_is_refused_before_it_is_parsed(suffix: str, tmp_path: Path) -> None:
    make = documents.rules_docx if suffix == ".docx" else documents.products_xlsx
    part = "word/document.xml" if suffix == ".docx" else "xl/worksheets/sheet1.xml"
    make(tmp_path / "whole")
    with (
        zipfile.ZipFile(tmp_path / "whole") as whole,
        zipfile.ZipFile(tmp_path / f"bomb{suffix}", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in whole.namelist():
            bomb.writestr(name, whole.read(name) if name != part else b"<w:p/>" * (limits.MB // 2))
    assert complaint(tmp_path / f"bomb{suffix}") == f"its part {part} unpacks to more than 200 times its size"


def test_a_word_document_of_more_xml_than_can_be_held_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents.rules_docx(tmp_path / "rules.docx")
    monkeypatch.setattr(limits, "MAX_PART_BYTES", 1_000)
    assert "has more than 0 MB when unpacked" in complaint(tmp_path / "rules.docx")
