"""Tables of every format as Markdown, and running text from lines: no cell and no word is lost."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.ingest.readers import headings, prose, tables
from knowledge.ingest.readers.tables import Cell, Table

WORD = st.text("企业个人贷款贴息上限", min_size=1, max_size=6)
SPAN = st.integers(1, 4)


@given(st.lists(st.lists(st.builds(Cell, WORD, SPAN, SPAN), min_size=1, max_size=5), min_size=1, max_size=6))
def test_every_cell_of_a_table_with_spans_stands_in_it_in_its_order(source: list[list[Cell]]) -> None:
    table = tables.arrange(source, max_columns=1_000)
    assert len({len(row) for row in table.rows}) == 1
    assert [[cell for cell in row if cell] for row in table.rows] == [[cell.text for cell in row] for row in source]


@given(st.lists(st.lists(st.one_of(st.just(""), WORD), min_size=3, max_size=3), min_size=1, max_size=8))
def test_whatever_stands_in_a_table_stands_in_its_blocks(rows: list[list[str]]) -> None:
    blocks = tables.to_blocks(Table(rows))
    for row in rows:
        for cell in row:
            assert cell in "\n".join(blocks)


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=4), min_size=1, max_size=5).map(
    lambda rows: [[*row, "", "", ""][:4] for row in rows]
))  # fmt: skip
def test_rows_of_one_table_have_the_same_number_of_cells_whatever_they_hold(rows: list[list[str]]) -> None:
    for block in tables.to_blocks(Table(rows)):
        if block.startswith("| "):
            assert len({line.count("|") for line in block.split("\n")}) == 1


@given(
    st.lists(st.lists(WORD, min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(st.tuples(*[st.integers(-3, 10**9)] * 4), max_size=5),
)
def test_merged_ranges_beyond_the_table_are_cut(
    rows: list[list[str]], merges: Sequence[tuple[int, int, int, int]]
) -> None:
    sane = [merge for merge in merges if merge[0] >= 0 and merge[1] >= 0]
    filled = tables.fill(Table(rows, list(sane)))
    assert filled.rows == rows  # nothing that is written is overwritten
    assert all(bottom < len(rows) and right < 3 for _, _, bottom, right in filled.merges)


def test_a_title_across_all_columns_and_a_unit_stand_above_the_table() -> None:
    rows = [["贴息标准", "", ""], ["单位：万元", "", ""], ["类型", "比例", "上限"], ["企业", "50%", "30"]]
    assert tables.to_blocks(Table(rows, [(0, 0, 0, 2)])) == [
        "贴息标准",
        "单位：万元",
        "| 类型 | 比例 | 上限 |\n|---|---|---|\n| 企业 | 50% | 30 |",
    ]


def test_a_row_across_all_columns_begins_a_table_under_the_same_head() -> None:
    rows = [["类型", "上限"], ["一、企业", ""], ["小型", "30"], ["二、个人", ""], ["创业者", "20"]]
    assert tables.to_blocks(Table(rows, [(1, 0, 1, 1), (3, 0, 3, 1)])) == [
        "一、企业",
        "| 类型 | 上限 |\n|---|---|\n| 小型 | 30 |",
        "二、个人",
        "| 类型 | 上限 |\n|---|---|\n| 创业者 | 20 |",
    ]


def test_labels_beside_their_values_are_one_table_of_two_columns() -> None:
    rows = [["发文机关：", "市财政局", "成文日期：", "2024年1月5日"], ["有 效 性：", "有效", "", ""]]
    assert tables.to_blocks(Table(rows)) == [
        "| 项目 | 内容 |\n|---|---|\n| 发文机关 | 市财政局 |\n| 成文日期 | 2024年1月5日 |\n| 有效性 | 有效 |"
    ]


@pytest.mark.parametrize(
    ("lines", "paragraphs"),
    [
        ("短行\n后面的一行比它长，还有别的话。", ["短行", "后面的一行比它长，还有别的话。"]),
        (
            "　　第一段文字写到这一行的末尾还没有\n结束。\n　　第二段。",
            ["第一段文字写到这一行的末尾还没有结束。", "第二段。"],
        ),
        ("The small enterprises\nact of China", ["The small enterprises act of China"]),
        ("通　　知", ["通知"]),
        ("第一章 总 则", ["第一章 总则"]),
        ("２０２６年 １ 月", ["2026年 1 月"]),
        ("零宽\u200b字符\ufeff", ["零宽字符"]),
        ("", []),
    ],
)
def test_lines_of_plain_text_become_paragraphs(lines: str, paragraphs: list[str]) -> None:
    assert prose.paragraphs(lines) == paragraphs


@given(st.lists(st.text("　 企业申报贷款。；，（一）1.\n", max_size=60)))
def test_paragraphs_lose_nothing_but_blanks(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert "".join("".join(prose.paragraphs(text)).split()) == "".join(text.split())


@given(st.text(max_size=100))
def test_tidy_text_stays_as_it_is(text: str) -> None:
    assert prose.tidy(prose.tidy(text)) == prose.tidy(text)


def test_headings_by_their_numbers_and_lists_that_look_like_them() -> None:
    blocks = [
        "第一章 总则",
        "正文。",
        "一、材料：",
        "（一）营业执照",
        "（二）身份证",
        "二、期限",
        "三年。",
        "附件1",
        "表。",
    ]
    assert headings.mark(blocks) == [
        "## 第一章 总则", "正文。", "## 一、材料", "（一）营业执照", "（二）身份证", "## 二、期限", "三年。", "## 附件1", "表。"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["第一百七十八条 有下列情形", "第一千二百六十条 本法", "第12条 附则", "第十二编 总则", "3. 材料"]
)
def test_articles_and_items_begin_a_paragraph_of_their_own(line: str) -> None:
    assert headings.begins_item(line)


def test_a_table_of_contents_goes_and_a_long_line_is_no_heading() -> None:
    long = "一、" + "申报" * 30
    assert headings.mark(["第一章 总则……………1", "第二章 附则 ...... 12", long, "一、本办法所称企业，是指法人。"]) == [
        long,
        "一、本办法所称企业，是指法人。",
    ]
