"""Plain questions on the loan are answered from the guide; special ones are searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import ROOT
from knowledge.ingest.splitter import section_text
from knowledge.loan import _SECTIONS, meant, section


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("创业担保贷款能贷多少?", "额度与期限"),
        ("最长几年", "额度与期限"),
        ("嗯那个我想问问创担贷利息多少", "利率与贴息"),
        ("要不要反担保", "担保与反担保"),
        ("创业担保贷款是什么", "这是什么贷款"),
        ("哪些人能申请", "申请对象"),
        ("能展期吗", "次数与展期"),
        ("办创业担保贷款要准备哪些材料", "申请材料"),
        ("创业担保贷款怎么申请", "办理流程"),
        ("三个朋友合伙能贷多少", ""),
        ("亦庄的创业担保贷款能贷多少", ""),  # another fund, with rules of its own
        ("开网约车的要平台开什么证明", ""),
        ("创业担保贷款", ""),
        ("", ""),
    ],
)
def test_only_plain_questions_are_the_guides(question: str, heading: str) -> None:
    assert section(question) == heading


@pytest.mark.parametrize(
    ("question", "of_the_loan"),
    [
        ("要什么材料", True),
        ("怎么办", True),
        ("个人最多能贷多少", True),
        ("我开了个小饭馆,办创业担保贷款要什么材料", True),
        ("创担贷 网约车 证明", True),
        ("首贷贴息怎么申请", False),
        ("国企欠我工程款想投诉,手里得留哪些材料", False),
    ],
)
def test_only_who_names_the_loan_or_nothing_else_means_it(question: str, of_the_loan: bool) -> None:
    assert meant(question) is of_the_loan


@given(st.text(max_size=500))
def test_any_text_is_read(text: str) -> None:
    section(text)
    meant(text)


def test_the_guide_has_every_section() -> None:
    guide = (ROOT / "knowledge" / "seed" / "loan_guide.md").read_text("utf-8")
    assert all(section_text(guide, heading) for _asked, heading in _SECTIONS)
