"""Word documents: what Word shows, with headings, its own numbers, tables and notes, and nothing that it hides."""

import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given
from hypothesis import strategies as st

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers.word.numbering import Numbering, chinese_number
from tests import documents
from tests.documents import read


@pytest.fixture
def rules(tmp_path: Path) -> RawDocument:
    documents.rules_docx(tmp_path / "rules.docx")
    return read(tmp_path / "rules.docx")


def saved(document: WordDocument, folder: Path) -> RawDocument:
    document.save(str(folder / "made.docx"))
    return read(folder / "made.docx")


def test_title_and_headings_by_size_by_style_and_by_number(rules: RawDocument) -> None:
    assert rules.title == "创业担保贷款贴息资金管理办法"
    assert [line for line in rules.text.splitlines() if line.startswith("#")] == [
        "# 创业担保贷款贴息资金管理办法",
        "## 第一章 总则",
        "### 支持范围",
        "## 第二章 支持标准",
    ]


def test_numbers_that_word_writes_by_itself_are_there(rules: RawDocument) -> None:
    assert "（一）个人创业担保贷款，" in rules.text
    assert "（二）小微企业创业担保贷款，" in rules.text


def test_a_table_with_merged_cells_keeps_heads_and_rows(rules: RawDocument) -> None:
    table = "| 类型 | 标准 额度 | 标准 期限 |\n|---|---|---|\n| 个人 | 30万元 | 3年 |\n| 企业 | 400万元 | 2年 |\n"
    assert table in rules.text


def test_revisions_are_read_as_accepted_and_notes_and_boxes_are_kept(rules: RawDocument) -> None:
    assert "第三条 本办法自发布之日起施行。[注1]有效期五年。" in rules.text
    assert "注1：原办法同时废止。" in rules.text
    assert "有效期三年" not in rules.text
    assert "咨询电话见官网。" in rules.text


def test_hidden_words_are_no_text(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("最高三十万元。")
    paragraph.add_run("内部掌握五十万元。").font.hidden = True
    assert saved(document, tmp_path).text == "最高三十万元。\n"


def test_a_cell_that_goes_down_over_rows_says_so_in_each(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=4, cols=2)
    for row, cells in enumerate((("类型", "标准"), ("企业", "一档"), ("", "二档"), ("个人", "三档"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    assert "| 企业 | 一档 |\n| 企业 | 二档 |\n| 个人 | 三档 |" in saved(document, tmp_path).text


def test_a_frame_around_text_is_no_table(tmp_path: Path) -> None:
    document = docx.Document()
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "申报时间：三月一日起。"
    for words in ("在线申请", "现场核验"):
        documents.number(document, cell.add_paragraph(words))
    document.add_paragraph("联系人见附件。")
    assert saved(document, tmp_path).text.split("\n\n") == [
        "申报时间：三月一日起。",
        "（一）在线申请",
        "（二）现场核验",
        "联系人见附件。\n",
    ]


def test_what_stands_in_a_cell_is_words_be_it_a_heading_or_a_table(tmp_path: Path) -> None:
    document = docx.Document()
    outer = document.add_table(rows=2, cols=2)
    for at, text in enumerate(("类型", "标准", "企业")):
        outer.cell(at // 2, at % 2).text = text
    outer.cell(0, 1).paragraphs[0].style = "Heading 2"
    inner = outer.cell(1, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "上限", "九十万元"
    assert saved(document, tmp_path).text == "| 类型 | 标准 |\n|---|---|\n| 企业 | 上限 九十万元 |\n"


def test_a_title_over_two_paragraphs_is_one(tmp_path: Path) -> None:
    document = docx.Document()
    for words in ("北京市通州区", "贷款贴息管理办法"):
        document.add_paragraph(words, style="Title")
    document.add_paragraph("正文。")
    assert saved(document, tmp_path).text == "# 北京市通州区贷款贴息管理办法\n\n正文。\n"


def test_content_controls_and_line_breaks(tmp_path: Path) -> None:
    document = docx.Document()
    control = (
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>受理部门：</w:t><w:br/><w:t>区人社局</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, parse_xml(control))
    assert saved(document, tmp_path).text == "受理部门：区人社局\n"


def test_a_title_in_the_properties_is_believed_where_the_text_has_it(tmp_path: Path) -> None:
    for claimed, title in (("贷款贴息办法", "贷款贴息办法"), ("去年的会议纪要", "")):
        document = docx.Document()
        document.core_properties.title = claimed
        document.add_paragraph("贷款贴息办法")
        document.add_paragraph("正文。")
        assert saved(document, tmp_path).title == title


def test_a_document_of_pictures_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match="pictures in Word documents are not read: save it as PDF"):
        saved(docx.Document(), tmp_path)


@pytest.mark.parametrize("part", ["word/document.xml", "[Content_Types].xml", "word/styles.xml", "_rels/.rels"])
@pytest.mark.parametrize(
    "content", [None, b"", b"<w:document", b"\x00\xff" * 50], ids=["absent", "empty", "cut", "bytes"]
)
def test_a_broken_part_is_read_around_or_refused_in_one_line(part: str, content: bytes | None, tmp_path: Path) -> None:
    documents.rules_docx(tmp_path / "whole.docx")
    with zipfile.ZipFile(tmp_path / "whole.docx") as whole, zipfile.ZipFile(tmp_path / "broken.docx", "w") as broken:
        for name in whole.namelist():
            if name != part:
                broken.writestr(name, whole.read(name))
            elif content is not None:
                broken.writestr(name, content)
    documents.complaint(tmp_path / "broken.docx")  # or none: what was lost was not needed


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1005, "一千零五"),
    ],
)
def test_numbers_in_characters(number: int, text: str) -> None:
    assert chinese_number(number) == text


@given(st.integers(0, 9_999))
def test_every_number_is_written_in_its_own_way(number: int) -> None:
    digits = {character: at for at, character in enumerate("零一二三四五六七八九")}
    units = {"千": 1000, "百": 100, "十": 10}
    total, digit = 0, 0
    for character in chinese_number(number):
        if character in units:
            total, digit = total + (digit or 1) * units[character], 0
        else:
            digit = digits[character]
    assert total + digit == number


def lists(*levels: tuple[str, str], start: int = 1) -> Numbering:
    """One list with these (format, text) by level."""
    written = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    root = parse_xml(
        f'<w:numbering {nsdecls("w")}><w:abstractNum w:abstractNumId="1">{written}</w:abstractNum>'
        '<w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    )
    assert root.tag == qn("w:numbering")
    return Numbering(root)


def test_a_deeper_level_begins_anew_below_each_number() -> None:
    found = lists(("chineseCounting", "第%1章"), ("decimal", "%1.%2"))
    assert [found.next("5", depth) for depth in (0, 1, 1, 0, 1)] == ["第一章", "一.1", "一.2", "第二章", "二.1"]


def test_bullets_letters_circles_and_lists_that_are_not_there() -> None:
    assert lists(("bullet", "")).next("5", 0) == "- "
    assert lists(("upperLetter", "%1."), start=2).next("5", 0) == "B."
    assert lists(("decimalEnclosedCircle", "%1")).next("5", 0) == "①"
    assert Numbering(None).next("5", 0) == ""
    assert lists(("decimal", "%1.")).next("9", 0) == ""
