"""The normal form: simplified characters, digits, no fillers, at most 500 characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.rewrite.change import Kind
from knowledge.rewrite.numerals import to_digits, value
from knowledge.rewrite.tidy import MAX_CHARACTERS, tidy


def test_traditional_and_wide_characters() -> None:
    text, changes = tidy("創業擔保貸款 個體戶\n能貸多少錢,LPR?")
    assert text == "创业担保贷款 个体户 能贷多少钱,LPR?"
    assert [change.kind for change in changes] == [Kind.TRADITIONAL]
    assert tidy("著作权质押的剩余期限") == ("著作权质押的剩余期限", [])


def test_of_a_long_message_the_beginning_and_the_end_are_kept() -> None:
    text, _ = tidy("首贷" + "说" * 5000 + "怎么申请")
    assert len(text) == MAX_CHARACTERS
    assert text.startswith("首贷")
    assert text.endswith("怎么申请")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("嗯那个我问一下啊就是创业担保贷款要什么材料", "我问一下啊创业担保贷款要什么材料"),
        ("呃,就是说我们公司想报高企", "我们公司想报高企"),
        ("诶 那个就是那个那个我想问贴息", "我想问贴息"),
        ("那个体户呢", "那个体户呢"),
        ("那个300万的贷款", "那个300万的贷款"),
        ("这个就是政策原文吗", "这个就是政策原文吗"),
        ("饲料喂养企业的额度", "饲料喂养企业的额度"),
        ("是不是就是免息", "是不是就是免息"),
        ("嗯", "嗯"),
    ],
)
def test_fillers(said: str, kept: str) -> None:
    assert tidy(said)[0] == kept


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("百分之十五", "15%"),
        ("百分之三点五", "3.5%"),
        ("占百分之八九吧", "占百分之八九吧"),
        ("二零二六年四月", "2026年四月"),
        ("三十万", "30万"),
        ("三百五十多万", "350多万"),
        ("一千两百万元", "1200万元"),
        ("一百八十天付款", "180天付款"),
        ("二十几个人", "二十几个人"),
        ("十来个人", "十来个人"),
        ("十五个月", "15个月"),
        ("几十万", "几十万"),
        ("五六十万", "五六十万"),
        ("六税两费", "六税两费"),
        ("十大强企", "十大强企"),
        ("三量齐升", "三量齐升"),
        ("一次性创业补贴", "一次性创业补贴"),
        ("千万别", "千万别"),
        ("万一", "万一"),
        ("一年", "一年"),
    ],
)
def test_numbers(said: str, digits: str) -> None:
    assert to_digits(said) == digits


@given(st.integers(1, 9999))
def test_a_numeral_is_read_as_it_is_written(number: int) -> None:
    digits, units = "零一二三四五六七八九", ("千", "百", "十", "")
    written = "".join(
        digits[int(digit)] + (unit if digit != "0" else "") for digit, unit in zip(f"{number:04}", units, strict=True)
    )
    while "零零" in written:
        written = written.replace("零零", "零")
    assert value(written.strip("零")) == number
