"""What a question says before anything is searched."""

import pytest

from knowledge.question import AMOUNT, CONDITION, MAX_CHARACTERS, answers, aspects, elsewhere, prepare


def test_traditional_characters_and_length() -> None:
    assert prepare("創業擔保貸款 個體戶\n能貸多少錢") == "创业担保贷款 个体户 能贷多少钱"
    assert len(prepare("贷" * 5000)) == MAX_CHARACTERS


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
