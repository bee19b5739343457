"""Documents of every kind into the knowledge base: the good ones are found, each bad one is one line, none stops another."""

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from core import clock
from core.db import reading
from knowledge import answering, catalogue, evaluation, service, versions
from knowledge import search as finding
from knowledge.catalogue import Outcome
from knowledge.faq import matching
from knowledge.ingest.readers import limits
from knowledge.models import Policy
from knowledge.records import questions
from tests import documents, pages
from tests.knowledge import HashEncoder, write_sheet


@pytest.fixture(autouse=True)
def model(database: str, configure: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    configure(TONGQI_ALLOW_CLOCK="1")
    clock.set_clock(datetime(2026, 2, 1, 12))
    for module in (catalogue, finding, evaluation, versions, answering, matching, questions):
        monkeypatch.setattr(module, "get_encoder", HashEncoder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good file of every kind; the archive holds two more."""
    folder = tmp_path / "documents"
    (folder / "inner").mkdir(parents=True)
    (folder / "notice.html").write_text(pages.MINISTRY_PAGE)
    (folder / "inner" / "catalogue.htm").write_text(pages.CATALOGUE_PAGE)
    documents.notice_pdf(folder / "notice.pdf")
    documents.rules_docx(folder / "rules.docx")
    documents.products_xlsx(folder / "products.xlsx")
    write_sheet(folder, "voucher", "服务券按合同金额的30%补贴。", title="中小企业服务券")
    (folder / "plain.txt").write_bytes("稳岗返还办法\n大型企业按上年度缴费的百分之三十返还。\n".encode("gb18030"))
    members = [("旧页.html", pages.OLD_PAGE), ("附件/培训.csv", "培训名称,补贴\n初级工,一千元\n".encode("gbk"))]
    documents.zip_of(folder / "all.zip", members)
    return folder


def spoil(folder: Path) -> dict[str, str]:
    """Put bad files into a folder: the beginning of what is said of each by its name."""
    documents.notice_pdf(folder / "locked.pdf", password="secret")
    (folder / "cut.pdf").write_bytes((folder / "notice.pdf").read_bytes()[:3000])
    documents.blank_pdf(folder / "blank.pdf")
    with (folder / "large.docx").open("wb") as file:
        file.truncate(200 * limits.MB)
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("bomb.txt", b" " * (2 * limits.MB))
    (folder / "empty.txt").touch()
    (folder / "program.html").write_text("<html><body><div id=app></div><script>show()</script></body></html>")
    (folder / "garbage.txt").write_bytes(bytes(range(128, 256)) * 10)
    (folder / "front.md").write_text("---\nid: [\n---\n正文。\n")
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    write_sheet(folder, "wrong", "正文。", status="有效")
    copy = (folder / "voucher.md").read_text().replace("30%", "50%")
    (folder / "zz-other.md").write_text(copy)
    return {
        "locked.pdf": "protected by a password: save it without one",
        "cut.pdf": "a truncated PDF: its end is missing",
        "blank.pdf": "no text could be read: its pages are empty",
        "large.docx": "a 200 MB file: at most 50 MB can be read",
        "bomb.zip/bomb.txt": "unpacks to more than 200 times its size",
        "empty.txt": "the file is empty",
        "program.html": "the page has no text",
        "garbage.txt": "not text",
        "front.md": "the front matter is not YAML",
        "old.doc": "an old binary Office file",
        "wrong.md": "status: ",
        "zz-other.md": "id voucher was given by an earlier file",
    }


def stored() -> dict[str, Policy]:
    """Policies by the name of the file that each came from."""
    with reading() as session:
        return {str(policy.file_name): policy for policy in session.scalars(select(Policy))}


def test_documents_of_every_kind_are_imported_and_found(folder: Path) -> None:
    report = service.ingest([folder])
    assert report.errors == []
    policies = stored()
    assert sorted(policies) == [
        "all.zip/旧页.html",
        "all.zip/附件/培训.csv",
        "catalogue.htm",
        "notice.html",
        "notice.pdf",
        "plain.txt",
        "products.xlsx",
        "rules.docx",
        "voucher.md",
    ]
    assert len(report.outcomes[Outcome.NEW]) == len(policies)
    for question, name in (
        ("小型微利企业减按多少计入应纳税所得额", "catalogue.htm"),
        ("创新型中小企业贴息比例", "notice.html"),
        ("第60类企业贴息比例", "notice.pdf"),
        ("小微企业创业担保贷款贴息", "rules.docx"),
        ("产品3利率额度", "products.xlsx"),
        ("大型企业稳岗返还", "plain.txt"),
        ("新认定的国家高新技术企业奖励", "all.zip/旧页.html"),
        ("初级工培训补贴", "all.zip/附件/培训.csv"),
    ):
        found = [source.policy_id for source in service.search(question)]
        assert policies[name].id in found[:3], question


def test_a_page_that_says_how_long_it_is_valid_leaves_the_search_by_that_day(folder: Path) -> None:
    service.ingest([folder / "notice.html"])  # one year from the day of publication, 2025-02-21
    assert service.search("创新型中小企业贴息比例")
    clock.set_clock(datetime(2026, 2, 22, 12))
    assert service.search("创新型中小企业贴息比例") == []


def test_a_row_of_a_table_is_found_with_its_figure(folder: Path) -> None:
    service.ingest([folder / "notice.pdf"])
    best = service.search("第60类企业贴息比例上限")[0]
    assert "第60类企业,贴息比例70%,上限（万元）300" in best.passage


def test_each_bad_file_is_one_line_with_its_name_and_the_reason_and_the_others_are_imported(folder: Path) -> None:
    expected = spoil(folder)
    report = service.ingest([folder])
    said = {}
    for line in report.errors:
        assert "\n" not in line
        name, reason = line.removeprefix(f"{folder}/").split(": ", 1)
        said[name] = reason
    assert said.keys() == expected.keys()
    assert {name: reason[: len(expected[name])] for name, reason in said.items()} == expected
    assert len(stored()) == 9
    assert "30%" in stored()["voucher.md"].body  # the first file that claims an id keeps it


def test_reading_the_folder_again_changes_nothing(folder: Path) -> None:
    spoil(folder)
    first = service.ingest([folder])
    again = service.ingest([folder])
    assert again.errors == first.errors
    assert (again.outcomes[Outcome.NEW], again.outcomes[Outcome.CHANGED]) == ([], [])
    assert len(stored()) == 9


def test_what_was_left_out_is_told_to_staff(folder: Path) -> None:
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "~$rules.docx").write_bytes(b"locked by Word")
    (folder / "._notice.pdf").write_bytes(b"of a Mac")
    report = service.ingest([folder])
    assert report.errors == []
    assert "products.xlsx: sheet 内部 is hidden: left out" in report.notes
    assert f"{folder}: 1 files that no reader takes were passed over: photo.jpg" in report.notes
