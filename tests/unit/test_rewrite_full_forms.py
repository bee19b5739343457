"""The documents' words for what people call otherwise."""

import re
from pathlib import Path

import pytest

import knowledge.rewrite
from knowledge.rewrite import Lexicon
from knowledge.rewrite.full_forms import expand
from tests.unit.test_rewrite_lexicon import seed_lexicon

TABLE = Path(knowledge.rewrite.__file__).with_name("full_forms.tsv")


@pytest.mark.parametrize(
    ("said", "full"),
    [
        ("创担贷 上限", "创业担保贷款"),
        ("科小怎么评", "科技型中小企业"),
        ("两费减半到哪年", "六税两费"),
        ("甲方一直不给货款,我们怎么办呢", "拖欠账款 中小企业款项支付"),
        ("开饭店的证怎么办", "食品经营许可证"),
        ("什么算小微企业", "中小企业划型标准"),
        ("稳岗 2026", "失业保险稳岗返还"),
    ],
)
def test_abbreviations_and_everyday_words(said: str, full: str) -> None:
    assert full in [change.meant for change in expand(said, seed_lexicon())]


@pytest.mark.parametrize("said", ["六税两费减半到哪年", "高新技术企业认定", "扩岗补助发放"])
def test_what_is_said_in_full_stays(said: str) -> None:
    assert all(change.meant not in said for change in expand(said, seed_lexicon()))
    assert "岗位补贴" not in [change.meant for change in expand(said, seed_lexicon())]


def test_words_that_the_documents_use_are_explained_in_short_questions_only() -> None:
    question = "我们公司去年营业收入有五千多万,请问今年申报小巨人还差哪些条件"
    assert expand(question, Lexicon.of([]))
    assert expand(question, seed_lexicon()) == []
    assert expand("小巨人条件", seed_lexicon())


def test_every_line_of_the_table_is_a_pattern_and_its_words() -> None:
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert len(rows) > 60
    for row in rows:
        assert len(row) == 2
        assert not re.compile(row[0]).search("")
        assert row[1].strip()
