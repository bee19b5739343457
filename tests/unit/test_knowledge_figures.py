"""Every figure of an answer stands in what it cites; and which figures a question asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.figures import FigureKind, asked_for, figures, unsupported

WRITTEN = st.text("0123456789.%万亿元个月年日人百分之点零一二两三十百同共最,。 \n", max_size=40)


@pytest.mark.parametrize(
    ("text", "evidence", "missing"),
    [
        ("上限50万元", "上限 50 万元", []),
        ("上限50万元", "上限150万元", ["50万元"]),
        ("上限50万元", "50万户", ["50万元"]),
        ("按50%贴", "按50个百分点贴", ["50%"]),
        ("按５０％贴", "按50%贴", []),
        ("按50％贴", "50万元", ["50%"]),
        ("1.5个百分点", "21.5个百分点", ["1.5个百分点"]),
        ("3个月", "3个工作日", ["3个月"]),
        ("共3", "共3.5", ["3"]),
        ("9:00到17:30", "9:00到17:00", ["17:30"]),
        ("2027年12月31日", "2023年1月1日至2027年12月31日", []),
        ("2023年12月31日", "2023年1月1日至2027年12月31日", ["2023年12月31日"]),
        ("没有数字", "", []),
    ],
)
def test_a_figure_stands_with_its_unit_or_not_at_all(text: str, evidence: str, missing: list[str]) -> None:
    assert unsupported(text, evidence) == missing


@pytest.mark.parametrize(
    ("text", "evidence", "missing"),
    [
        ("六十日内", "自受理之日起六十日内", []),
        ("十日内", "六十日内", ["十日"]),
        ("百分之二", "百分之二十", ["百分之二"]),
        ("百分之二", "百分之二点五", ["百分之二"]),
        ("百分之四十", "不低于百分之四十", []),
        ("三分之二以上", "三分之一以上", ["三分之二"]),
        ("三千元", "一百二十万三千元", ["三千元"]),
        ("三十万元", "三十万元", []),
        ("不超过十六次", "不超过3次", ["十六次"]),
        ("统一2023年起", "统一2023年起", []),
        ("统一百分之三十", "统一百分之三十", []),
        ("百分之三十", "统一百分之三十", []),
        ("一次性给", "补贴", []),
        ("一个企业", "企业", []),
    ],
)
def test_chinese_numerals_are_figures_too(text: str, evidence: str, missing: list[str]) -> None:
    assert unsupported(text, evidence) == missing


def test_the_end_of_a_line_parts_numbers() -> None:
    assert unsupported("50万元", "共3\n50万元") == []


@given(WRITTEN)
def test_a_text_supports_itself(text: str) -> None:
    assert unsupported(text, text) == []


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_another_number_is_never_support(left: int, right: int) -> None:
    assert unsupported(f"{left}元", f"{right}元") == ([] if left == right else [f"{left}元"])


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("最多能补多少钱", FigureKind.MONEY),
        ("所得税现在是多少", FigureKind.SHARE),
        ("贴息几个点", FigureKind.SHARE),
        ("什么时候截止", FigureKind.DATE),
        ("多久能批下来", FigureKind.SPAN),
        ("要招多少人", FigureKind.COUNT),
    ],
)
def test_the_kind_that_is_asked_for_comes_first(question: str, kind: FigureKind) -> None:
    assert asked_for(question)[0] is kind


def test_a_question_without_figures_asks_for_none() -> None:
    assert asked_for("怎么申请") == []
    assert set(asked_for("有几类")) == set(FigureKind) - {FigureKind.DATE}


def test_figures_are_found_by_kind() -> None:
    text = "2026年6月底前,每户补8000元,按30%计,最长三个月,不超过5人。"
    found = {kind: figures(text, [kind]) for kind in (FigureKind.MONEY, FigureKind.SHARE, FigureKind.DATE)}
    assert found == {FigureKind.MONEY: ["8000元"], FigureKind.SHARE: ["30%"], FigureKind.DATE: ["2026年6月"]}
    assert "三个月" in figures(text, [FigureKind.SPAN])
    assert "5人" in figures(text, [FigureKind.COUNT])
