"""PDFs: running text and whole tables from pages, pictures by OCR, and nothing left out without a word to staff."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers import limits, tables
from knowledge.ingest.readers.pdf import layout, ocr, reader
from knowledge.ingest.readers.pdf.layout import Page, PageTable, Piece
from tests import documents
from tests.documents import SENTENCE, SUBSIDIES, TITLE, read


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> list[NDArray[np.uint8]]:
    """OCR that finds nothing, and the pictures that it was shown."""
    shown: list[NDArray[np.uint8]] = []

    def read_page(picture: NDArray[np.uint8]) -> tuple[Page, float]:
        shown.append(picture)
        return Page(1, 1), 0.0

    monkeypatch.setattr(ocr, "read_page", read_page)
    return shown


def drawn(path: Path, *pages: Callable[[Canvas], None]) -> Path:
    """A PDF whose pages are drawn one by one."""
    canvas = Canvas(str(path), pagesize=A4)
    for draw in pages:
        canvas.setFont(documents.chinese_font(), 16)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return path


def text_page(canvas: Canvas) -> None:
    for line in range(10):
        canvas.drawString(72, 740 - 30 * line, SENTENCE[:28])


def picture_page(canvas: Canvas) -> None:
    canvas.drawInlineImage(documents.scanned_page(["支持标准"], blur=True), 0, 0, *A4)


def empty_page(_canvas: Canvas) -> None:
    pass


@pytest.fixture(scope="module")
def notice(tmp_path_factory: pytest.TempPathFactory) -> RawDocument:
    """A notice of several pages whose text a program has set."""
    path = tmp_path_factory.mktemp("pdf") / "notice.pdf"
    documents.notice_pdf(path)
    return read(path)


def test_lines_become_sentences_and_headings_are_marked(notice: RawDocument) -> None:
    written = notice.text.splitlines()
    assert written[0] == f"# {TITLE}"
    assert written.count(SENTENCE) == 8
    assert [line for line in written if line.startswith("## ")] == ["## 一、支持事项", "## 二、支持事项"]
    assert (notice.title, notice.notes) == (TITLE, ())


def test_headers_and_page_numbers_are_no_text(notice: RawDocument) -> None:
    assert "政策文件" not in notice.text
    assert not re.search(r"—\s*\d+\s*—", notice.text)


def test_a_table_goes_on_over_the_page_under_one_head(notice: RawDocument) -> None:
    rows = [line for line in notice.text.splitlines() if line.startswith("|")]
    assert [row.strip("| ").split(" | ") for row in rows if "---" not in row] == SUBSIDIES
    assert notice.text.rstrip().endswith("本通知自发布之日起施行。")


def lines(*texts: str, left: float = 72, top: float = 100, size: float = 16) -> list[Piece]:
    """Lines one below the other, as wide as their characters."""
    return [
        Piece(text, left, left + size * len(text), top + 28 * at, top + 28 * at + size) for at, text in enumerate(texts)
    ]


def page(*items: Piece | PageTable) -> Page:
    return Page(595, 842, sorted(items, key=lambda item: item.top))


def paragraphs(*pages: Page) -> list[str]:
    return layout.document(pages)[0]


class TestLayout:
    """What the places of lines mean."""

    full = SENTENCE[:28]

    def test_a_paragraph_that_is_indented_begins_anew(self) -> None:
        items = [
            *lines(self.full, self.full),
            *lines("首行缩进" * 6 + "缩进", left=104, top=156),
            *lines("下一行。", top=184),
        ]
        assert paragraphs(page(*items, *lines(self.full, top=212))) == [
            self.full * 2 + "首行缩进" * 6 + "缩进下一行。",
            self.full,
        ]

    def test_where_nothing_is_indented_a_sentence_ends_its_paragraph(self) -> None:
        ends = "最高" * 13 + "元。"
        assert paragraphs(page(*lines(self.full, ends, "区经济和信息化局", "一行", "二行"))) == [
            self.full + ends,
            "区经济和信息化局",
            "一行",
            "二行",
        ]

    def test_a_sentence_goes_on_over_the_page(self) -> None:
        upper = page(*lines(*[self.full] * 5))
        lower = page(*lines(*[self.full] * 4, "到此为止。"))
        assert paragraphs(upper, lower) == [self.full * 9 + "到此为止。"]

    def test_a_title_of_two_lines_is_one_heading(self) -> None:
        title = [Piece("关于贷款贴息", 198, 397, 80, 104), Piece("申报工作的通知", 184, 411, 112, 136)]
        assert layout.document([page(*title, *lines(*[self.full] * 6, top=180))])[1] == "关于贷款贴息申报工作的通知"

    def test_the_red_head_of_an_office_is_no_title(self) -> None:
        head = Piece("市财政局文件", 198, 397, 80, 114)
        assert layout.document([page(head, *lines(*[self.full] * 6, top=180))])[1] == ""

    def test_figures_that_change_make_a_footer_and_a_line_of_text_does_not(self) -> None:
        def one(number: int) -> Page:
            footer = Piece(f"第 {number} 页 共 3 页", 260, 330, 800, 812)
            return page(*lines(*[self.full] * 5), footer, *lines(f"只在第{number * 'x'}页", top=770))

        text = "".join(paragraphs(one(1), one(2), one(3)))
        assert "共 3 页" not in text
        assert "只在第xx页" in text

    @staticmethod
    def table(rows: list[list[str]], top: float, merges: Sequence[tuple[int, int, int, int]] = ()) -> PageTable:
        return PageTable(tables.Table(rows, list(merges)), 72, 520, top, top + 20 * len(rows))

    def test_a_row_that_the_page_cuts_is_one_row(self) -> None:
        head = ["类型", "条件"]
        upper = self.table([head, ["企业", "在本区登记，"]], 600)
        lower = self.table([head, ["", "正常经营。"], ["个人", "年满十八岁。"]], 80)
        after = Piece("（续）", 72, 120, 60, 76)
        assert paragraphs(page(upper), page(after, lower)) == [
            "| 类型 | 条件 |\n|---|---|\n| 企业 | 在本区登记，正常经营。 |\n| 个人 | 年满十八岁。 |"
        ]

    def test_tables_of_other_columns_stay_apart(self) -> None:
        upper, lower = (
            self.table([["甲", "乙"], ["1", "2"]], 600),
            self.table([["丙", "丁", "戊"], ["3", "4", "5"]], 80),
        )
        assert len(paragraphs(page(upper), page(lower))) == 2


def test_a_scanned_page_is_read_by_ocr_and_staff_are_told_how_surely(tmp_path: Path) -> None:
    documents.scan_pdf(tmp_path / "scan.pdf")
    document = read(tmp_path / "scan.pdf")
    said = [line.removeprefix("## ") for line in document.text.splitlines() if line]
    assert said == list(documents.SCANNED)
    assert re.fullmatch(r"page 1 was read by OCR, mean confidence 0\.\d\d", document.notes[0])


def test_a_page_that_ocr_cannot_read_is_listed_and_the_others_stay(
    tmp_path: Path, blind: list[NDArray[np.uint8]]
) -> None:
    document = read(drawn(tmp_path / "mixed.pdf", text_page, picture_page, empty_page, text_page))
    assert document.notes == ("page 2 is a picture that OCR could not read (0.00): left out",)
    assert SENTENCE[:28] in document.text
    (picture,) = blind
    assert max(picture.shape[:2]) == 2000


def test_pictures_beyond_what_is_read_by_ocr_are_listed(
    tmp_path: Path, blind: list[NDArray[np.uint8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_OCR_PAGES", 1)
    document = read(drawn(tmp_path / "mixed.pdf", *[picture_page] * 3, text_page, picture_page))
    assert document.notes[1:] == ("pages 2-3, 5: pictures, not read: at most 1 pages are read by OCR",)
    assert len(blind) == 1


def test_a_pdf_of_which_nothing_can_be_read_is_refused_with_the_reason(
    tmp_path: Path, blind: list[NDArray[np.uint8]]
) -> None:
    with pytest.raises(InvalidDocument, match=r"no text could be read: page 1 is a picture .*; page 2 is a picture"):
        read(drawn(tmp_path / "scan.pdf", picture_page, picture_page))
    documents.blank_pdf(tmp_path / "blank.pdf")
    with pytest.raises(InvalidDocument, match="no text could be read: its pages are empty"):
        read(tmp_path / "blank.pdf")


def test_figures_that_ocr_is_unsure_of_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guess = Page(595, 842, [*lines("最高3O万元")])
    monkeypatch.setattr(ocr, "read_page", lambda _picture: (guess, ocr.MIN_CONFIDENCE - 0.01))
    document = read(drawn(tmp_path / "mixed.pdf", text_page, picture_page))
    assert "3O" not in document.text
    assert document.notes == ("page 2 is a picture that OCR could not read (0.59): left out",)


def test_a_table_that_stands_sideways_is_listed(tmp_path: Path) -> None:
    def sideways(canvas: Canvas) -> None:
        canvas.rotate(90)
        for line in range(8):
            canvas.drawString(72, -100 - 30 * line, SENTENCE[:28])

    assert read(drawn(tmp_path / "turned.pdf", text_page, sideways)).notes == (
        "pages 2: text that stands sideways: left out",
    )


def test_only_a_password_that_a_reader_needs_is_refused(tmp_path: Path) -> None:
    documents.notice_pdf(tmp_path / "locked.pdf", password="secret")
    with pytest.raises(InvalidDocument, match="protected by a password: save it without one"):
        read(tmp_path / "locked.pdf")
    canvas = Canvas(str(tmp_path / "open.pdf"), encrypt=StandardEncryption("", ownerPassword="secret"))
    canvas.drawString(72, 700, "Small enterprises may apply for a subsidy of 50%.")
    canvas.save()
    assert read(tmp_path / "open.pdf").text == "Small enterprises may apply for a subsidy of 50%.\n"


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_truncated_pdf_is_refused(share: float, tmp_path: Path) -> None:
    whole = documents.content_of(lambda path: documents.plain_pdf(path, 2), tmp_path)
    (tmp_path / "cut.pdf").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InvalidDocument, match="truncated PDF: its end is missing"):
        read(tmp_path / "cut.pdf")


def test_a_pdf_with_its_middle_missing_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    whole = documents.content_of(lambda path: documents.plain_pdf(path, 2), tmp_path)
    (tmp_path / "hole.pdf").write_bytes(whole[: len(whole) // 3] + whole[len(whole) // 2 :])
    documents.complaint(tmp_path / "hole.pdf")  # or none: PDFium and pdfminer mend what they can


def test_a_pdf_of_more_pages_than_are_read_is_refused_before_any_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drawn(tmp_path / "long.pdf", *[empty_page] * (limits.MAX_PAGES + 1))
    monkeypatch.setattr(reader._Reader, "read_pages", lambda *_: pytest.fail("a page was read"))
    with pytest.raises(InvalidDocument, match="a PDF of 1,001 pages: at most 1,000 can be read"):
        read(path)


def test_a_long_pdf_is_read_in_parts_without_losing_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PAGES_AT_ONCE", 2)

    def numbered(at: int) -> Callable[[Canvas], None]:
        return lambda canvas: canvas.drawString(
            72, 500, f"第{at}页的内容在这里，与其他各页都不相同，单独成为一段文字。"
        )

    text = read(drawn(tmp_path / "long.pdf", *map(numbered, range(1, 6)))).text
    assert [f"第{at}页的内容" in text for at in range(1, 6)] == [True] * 5
