"""Pairs on their way in: what breaks the rules is refused in one line, and a table gives back what was written into it."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.faq.pair import Pair, make_pair
from knowledge.faq.table import parse_pairs, read_pairs
from knowledge.ingest.document import InvalidDocument

RIGHT: dict[str, Any] = {
    "questions": ("通八条是什么",),
    "answer": "是八条措施。",
    "owner": "科室",
    "source_note": "区文件",
}

CELL = st.text(st.sampled_from('通州补贴多少 "\t\n,|'), min_size=1, max_size=20).map(lambda text: text.strip() or "问")
ROWS = st.lists(st.tuples(CELL.map(lambda text: f"问{text}"), CELL, CELL, st.just("policy")), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"questions": ()}, "questions"),
        ({"questions": ("???",)}, "without words"),
        ({"questions": ("问" * 201,)}, "questions.0"),
        ({"answer": ""}, "answer"),
        ({"answer": "答" * 1001}, "answer"),
        ({"owner": " "}, "owner"),
        ({"source_note": ""}, "rests on"),
        ({"valid_from": "2026-02-01", "valid_until": "2026-01-31"}, "before it begins"),
        ({"valid_form": "2026-02-01"}, "valid_form"),
    ],
)
def test_what_breaks_the_rules_is_refused_in_one_line(change: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidDocument, match=named) as refusal:
        make_pair({**RIGHT, **change})
    assert "\n" not in str(refusal.value)


def test_an_answer_of_a_thousand_characters_is_taken_and_a_question_counts_once() -> None:
    pair = make_pair({**RIGHT, "answer": "答" * 1000, "questions": ("通八条是什么", " 通八条是什么 ")})
    assert len(pair.answer) == 1000
    assert pair.questions == ("通八条是什么",)


@given(ROWS)
def test_a_table_gives_back_what_was_written_into_it(rows: list[tuple[str, str, str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file, csv.excel_tab).writerows(rows)
    try:
        pairs = parse_pairs(file.getvalue())
    except InvalidDocument as error:
        assert "questions" in str(error)  # noqa: PT017  more phrasings than a pair may have
        return
    told = {(question, pair.answer, pair.owner) for pair in pairs for question in pair.questions}
    assert told == {(question, answer, owner) for question, answer, owner, _policy in rows}
    assert len(pairs) == len({row[1:] for row in rows})


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        pairs = parse_pairs(text)
    except InvalidDocument as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert all(isinstance(pair, Pair) for pair in pairs)


def test_lines_with_the_same_answer_are_phrasings_and_the_head_is_none() -> None:
    table = "问题\t答案\t负责人\t政策\n通八条是什么\t八条措施\t科室\tp1\n\n啥叫通八条\t八条措施\t科室\tp1\n别的\t别的答案\t科室\t\t区文件\n"
    first, second = parse_pairs(table)
    assert first.questions == ("通八条是什么", "啥叫通八条")
    assert first.source_policy_id == "p1"
    assert (second.source_policy_id, second.source_note) == (None, "区文件")


def test_every_wrong_line_is_named() -> None:
    with pytest.raises(InvalidDocument, match=r"line 2: 2 columns.*line 1: pair: neither"):
        parse_pairs("问\t答\t科室\t\n只有\t两格\n")
    with pytest.raises(InvalidDocument, match="no pair"):
        parse_pairs("question\tanswer\towner\tpolicy\n")


def test_a_file_from_a_spreadsheet_is_read_whatever_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_bytes("通八条的补贴标准是什么\t支持企业发展的八条措施\t区经济和信息化局\tp1\n".encode("gb18030"))
    assert read_pairs(path)[0].answer == "支持企业发展的八条措施"
    with pytest.raises(InvalidDocument, match=r"only \.tsv"):
        read_pairs(tmp_path / "pairs.docx")
    with pytest.raises(InvalidDocument, match="No such file"):
        read_pairs(tmp_path / "absent.tsv")
