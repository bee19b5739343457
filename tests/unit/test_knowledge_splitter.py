"""Documents into passages: nothing lost, nothing too long, tables and lists readable."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.ingest.splitter import PASSAGE_CHARACTERS, SENTENCE_CHARACTERS, section_text, sections, sentences, split

TEXT = st.text("上限50万元,最长3年。;!?()“” \n1.、-*#|a", max_size=400)
PROSE = st.text("上限万元,最长年。;!?()“”", max_size=400)  # nothing in it can be taken for a list number


@given(TEXT)
def test_passages_are_bounded_and_never_blank(text: str) -> None:
    for passage in split(text):
        assert passage.text.strip()
        # One sentence may be longer than the aim, several together may not.
        assert len(passage.text) <= max(PASSAGE_CHARACTERS, SENTENCE_CHARACTERS)
        if len(passage.text) > PASSAGE_CHARACTERS:
            assert len(sentences(passage.text)) == 1


@given(PROSE)
def test_sentences_lose_no_character(text: str) -> None:
    assert "".join(sentences(text)) == text


CELL = st.text("企业个人贷款上限万元", min_size=1, max_size=120)


@given(st.lists(st.lists(CELL, min_size=1, max_size=8), min_size=2, max_size=5))
def test_every_cell_of_a_table_is_in_a_passage_with_the_name_of_its_row(rows: list[list[str]]) -> None:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    passages = split("\n".join([head, "|---|", *body]))
    assert all(len(passage.text) <= SENTENCE_CHARACTERS for passage in passages)
    text = "".join(passage.text for passage in passages)
    for row in rows[1:]:
        if len(row[0]) + max(map(len, rows[0])) + max(map(len, row)) < SENTENCE_CHARACTERS - 2:
            assert all(cell in text for cell in row)


def test_a_long_row_is_several_sentences_each_with_its_name() -> None:
    body = f"| 类型 | 甲 | 乙 | 丙 |\n|---|---|---|---|\n| 企业 | {'一' * 160} | {'二' * 140} | 三 |\n"
    assert [one.text for one in split(body)] == [f"企业:甲{'一' * 160}。", f"企业:乙{'二' * 140},丙三。"]


def test_cells_beyond_the_head_and_a_head_without_rows_are_not_lost() -> None:
    assert [one.text for one in split("| 类型 | 上限 |\n|---|---|\n| 企业 | 30万元 | 另议 |\n")] == [
        "企业:上限30万元,另议。"
    ]
    assert [one.text for one in split("| 类型 | 上限 |\n|---|---|\n")] == ["类型,上限。"]


def test_labels_and_values_are_said_without_the_names_of_their_columns() -> None:
    assert [one.text for one in split("| 项目 | 内容 |\n|---|---|\n| 发文字号 | 京1号 |\n")] == ["发文字号:京1号。"]


def test_marks_and_invisible_characters_alone_make_no_passage() -> None:
    assert split("## 第一章\n\n\u200b\n\n## 第二章\n\n——\n\n## 第三章\n\n正文。\n")[0].heading == "第三章"


@given(st.lists(st.sampled_from(["适用对象", "支持内容", "申请材料"]), unique=True))
def test_every_passage_names_the_section_it_stands_in(headings: list[str]) -> None:
    body = "\n".join(f"## {heading}(说明)\n\n{heading}的内容是一句话。" for heading in headings)
    assert [(one.heading, one.text) for one in split(body)] == [(one, f"{one}的内容是一句话。") for one in headings]


def test_a_number_at_the_start_of_a_sentence_stays_and_a_list_number_goes() -> None:
    assert sentences("1. 上限50万元。2. 1.5个百分点。3.5亿元以上。") == [
        "上限50万元。",
        "1.5个百分点。",
        "3.5亿元以上。",
    ]


def test_a_table_row_becomes_a_sentence_with_its_columns() -> None:
    body = "## 标准\n\n| 行业 | 中型 | 小型 |\n|---|---|---|\n| 批发 | 20人 | 5人 |\n| 零售 | — | 10人 |\n"
    assert [one.text for one in split(body)] == ["批发:中型20人,小型5人。零售:小型10人。"]


def test_sections_that_say_nothing_or_name_sources_make_no_passage() -> None:
    body = "## 申请材料\n\n来源未说明。\n\n## 依据\n\n某网站。\n\n## 时间节点\n\n2026年起。\n"
    assert [one.heading for one in split(body)] == ["时间节点"]
    assert [one.heading for one in sections(body)] == ["依据", "时间节点"]


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    pieces = sentences("符合条件," * 200)
    assert len(pieces) > 1
    assert all(piece.endswith(",") and len(piece) <= SENTENCE_CHARACTERS for piece in pieces)


def test_the_text_of_a_section_keeps_lines_and_numbers() -> None:
    body = "## 材料\n\n无\n\n## 办理流程\n\n**先**:\n\n1. 自测;\n2. 放款。\n\n## 其他\n\n无\n"
    assert section_text(body, "办理流程") == "先:\n1. 自测;\n2. 放款。"
    assert section_text(body, "没有") == ""
