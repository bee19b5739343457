"""What a question asks, and about where."""

import pytest

from knowledge.question import AMOUNT, CONDITION, answers, aspects, elsewhere


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("深圳创业场租补贴怎么申请", "深圳"),
        ("我老家在郑州,回去开店给多少", "郑州"),
        ("河北户口在通州开店能拿补贴吗", None),
        ("上海银行的贷款算首贷吗", None),
        ("北京和天津的政策有什么不同", None),
        ("高企认定有什么条件", None),
        ("河北户口的人能申请吗", None),
    ],
)
def test_questions_about_other_places(question: str, place: str | None) -> None:
    assert elsewhere(question) == place


def test_what_is_asked_finds_its_heading() -> None:
    assert AMOUNT in aspects("一次性创业补贴给多少钱")
    assert CONDITION in aspects("申请要什么条件")
    assert answers("支持内容", {AMOUNT})
    assert not answers("申请材料", {AMOUNT, CONDITION})
    assert answers("申请材料", aspects("要带什么材料"))
    assert answers("办理流程与渠道", aspects("去哪申请"))
    assert answers("时间节点", aspects("什么时候截止"))
