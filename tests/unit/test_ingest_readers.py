"""What every reader keeps to, whatever the file holds: documents, or a refusal in one line, and nothing else."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.ingest.document import RawDocument, Refusal
from knowledge.ingest.readers import by_suffix
from knowledge.ingest.readers.pdf import ocr
from knowledge.ingest.readers.pdf.layout import Page
from tests import documents, pages

# Beginnings that lead into the formats: bytes at random would all be refused at the door.
MARKS = (
    b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"<!DOCTYPE html><p>", b"---\n", b"\xff\xfe", b"\xef\xbb\xbf# ",
    b"<?xml version='1.0'?>", b"| a | b |\n|---|---|\n", b"\xd0\xcf\x11\xe0",
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=30)
ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(autouse=True)
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that are pictures are another test's matter, and take seconds."""
    monkeypatch.setattr(ocr, "read_page", lambda _picture: (Page(1, 1), 0.0))


def check(path: Path) -> None:
    """Read a file by its name: documents of text, refusals that say something, or one line."""
    if documents.complaint(path):
        return
    for found in documents.read_all(path):
        assert isinstance(found, RawDocument | Refusal)
        said = found.text if isinstance(found, RawDocument) else found.reason
        assert said.strip() or (isinstance(found, RawDocument) and found.front is not None)


@pytest.mark.parametrize("suffix", sorted(by_suffix()))
@ONE_FOLDER
@given(mark=st.sampled_from(MARKS), content=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_documents_or_refused_in_one_line(
    suffix: str, mark: bytes, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(mark + content)
    check(path)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of each format, called `sample` with its ending."""
    folder = tmp_path_factory.mktemp("samples")
    documents.plain_pdf(folder / "sample.pdf", 1)
    documents.rules_docx(folder / "sample.docx")
    documents.products_xlsx(folder / "sample.xlsx")
    (folder / "sample.html").write_text(pages.MINISTRY_PAGE)
    (folder / "sample.htm").write_bytes(pages.OLD_PAGE)
    return folder


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".xlsx", ".html", ".htm"])
@settings(ONE_FOLDER, max_examples=25)
@given(changes=CHANGES, end=st.floats(0.1, 1))
def test_a_damaged_file_is_read_or_refused_in_one_line(
    suffix: str, changes: list[tuple[float, int]], end: float, samples: Path, tmp_path: Path
) -> None:
    content = bytearray((samples / f"sample{suffix}").read_bytes())
    for place, value in changes:
        content[int(place * len(content))] = value
    path = tmp_path / f"file{suffix}"
    path.write_bytes(content[: int(end * len(content))] if end < 0.5 else content)
    check(path)


@pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
@settings(ONE_FOLDER, max_examples=40)
@given(data=st.data())
def test_an_office_file_with_a_damaged_part_is_read_or_refused_in_one_line(
    suffix: str, data: st.DataObject, samples: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "parts", ignore_errors=True)
    shutil.unpack_archive(samples / f"sample{suffix}", tmp_path / "parts", "zip")
    parts = sorted(one for one in (tmp_path / "parts").rglob("*") if one.suffix in {".xml", ".rels"})
    part = data.draw(st.sampled_from(parts))
    content = part.read_bytes()
    # Figures are what a part says of sizes, places and other parts.
    places = [at for at, byte in enumerate(content) if chr(byte).isdigit()] or [0]
    at = data.draw(st.sampled_from(places))
    part.write_bytes(
        content[:at] + data.draw(st.sampled_from([b"-1", b"99999999", b"x", b"", b"<"])) + content[at + 1 :]
    )
    made = shutil.make_archive(str(tmp_path / "made"), "zip", tmp_path / "parts")
    check(Path(made).rename(tmp_path / f"made{suffix}"))


@pytest.mark.parametrize("suffix", sorted(by_suffix()))
def test_a_file_that_is_not_there_or_may_not_be_read_is_the_systems_error(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        documents.read_all(tmp_path / f"absent{suffix}")


def test_every_reader_says_in_its_own_words_what_it_reads() -> None:
    for suffix, reader in by_suffix().items():
        assert suffix.startswith(".")
        assert suffix == suffix.lower()
        assert reader.__doc__
