"""Figures: which kind a question asks for, where they stand in a text, and that none is said that its source lacks."""

import re
from collections.abc import Sequence
from enum import StrEnum

_HAN = "零〇一二两三四五六七八九十百千"
_NUMBER = rf"(?:\d[\d,]*(?:\.\d+)?|[{_HAN}]+)"


class FigureKind(StrEnum):
    """What a figure measures."""

    MONEY = "money"
    SHARE = "share"
    DATE = "date"
    SPAN = "span"
    COUNT = "count"


_WRITTEN = {
    FigureKind.MONEY: rf"{_NUMBER}[万亿]*多?元|\d[\d.]*[万亿]",
    FigureKind.SHARE: rf"\d[\d.]*(?:%|‰|个?百分点)|百分之{_NUMBER}|{_NUMBER}分之{_NUMBER}|{_NUMBER}(?:成|倍)",
    FigureKind.DATE: r"\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日",
    FigureKind.SPAN: rf"{_NUMBER}(?:个)?(?:工作日|日|天|周|月|年|小时|学时)(?![度\d])",
    FigureKind.COUNT: rf"{_NUMBER}(?:人|名|家|户|项|件|次|个|平方米|亩|分|岁|类)",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _WRITTEN.items()}
_ASKED = (
    (
        FigureKind.MONEY,
        r"多少(?:钱|万|元|块)|(?:补|奖|贷|给|罚|减|免|借|拿|退|抵|返)多少|金额|额度|限额|上限|封顶|最[高多]",
    ),
    (
        FigureKind.SHARE,
        r"税(?:款|现在)?是?[交缴]?多少|按多少[交缴]税|比例|百分之|几个点|多少个?点|几成|税率|费率|利率|利息|征收率|几倍|占比|几折|百分比",
    ),
    (FigureKind.DATE, r"什么时候|啥时候|何时|哪一?天|哪一?年|哪个月|几号|几月|截止|日期|到什么时间|执行到|什么时间"),
    (FigureKind.SPAN, r"多久|多长|几天|几个?工作日|几个月|几年|期限|有效期|时限|多少[天年日]|几日|何时|时间"),
    (FigureKind.COUNT, r"多少(?:人|家|个|项|名|户|平|次)|几[人家个项名户次]|人数"),
)
_ASKS = tuple((kind, re.compile(pattern)) for kind, pattern in _ASKED)
_ANY = re.compile(r"多少|几|多[高大低远]")

# What must be found again in the source: a day as a whole, a number with its unit or else the character behind it; in
# Chinese numerals a number with a unit, but for one of something (`一个`, `一次性`), which is hardly ever a figure.
_COUNTED = "人|名|家|户|项|件|次|岁|类|种|台|辆|亩|吨|平方米"
_UNIT = rf"元|百分点|工作日|自然日|小时|学时|[日天周月年成倍]|{_COUNTED}"
_SPELLED = rf"[{_HAN}][{_HAN}万亿点]*"
_CHECKED = re.compile(
    r"\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日"
    rf"|\d+(?:[.,:]\d+)*(?:[%‰]|[万亿]*个?(?:{_UNIT})|(?![{_HAN}])[\u4e00-\u9fff])?"
    rf"|百分之(?:\d+(?:[.,:]\d+)*|{_SPELLED})|{_SPELLED}分之{_SPELLED}"
    rf"|(?!一个?(?:{_COUNTED})){_SPELLED}个?(?:{_UNIT})|{_SPELLED}(?<=[万亿])"
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９％．", "0123456789%.")
_SPACES = re.compile(r"[^\S\n]")  # a line's end parts numbers


def asked_for(question: str) -> list[FigureKind]:
    """Kinds of figure that a question asks for, the likeliest first; empty where it asks for none."""
    kinds = [kind for kind, pattern in _ASKS if pattern.search(question)]
    return kinds or ([kind for kind in FigureKind if kind is not FigureKind.DATE] if _ANY.search(question) else [])


def figures(text: str, kinds: Sequence[FigureKind] = tuple(FigureKind)) -> list[str]:
    """Figures of these kinds in a text, kind by kind."""
    return [found for kind in kinds for found in _PATTERNS[kind].findall(text)]


def unsupported(text: str, evidence: str) -> list[str]:
    """Figures of the text that the evidence does not hold.

    A figure is a number with its unit or the character after it, so that `50万元` is not found in `50%`, nor in `150万元`,
    nor `3个月` in `3个工作日`; in Chinese numerals it is one with a unit (`六十日`, `百分之四十`).

    Args:
        text: what is to be sent.
        evidence: the cited passages and what stands in their front matter.

    Returns:
        The figures without support, in their order; empty when all stand.
    """
    bare = _bare(evidence)
    return [figure for figure in _CHECKED.findall(_bare(text)) if not _stands(figure, bare)]


def _bare(text: str) -> str:
    return _SPACES.sub("", text).translate(_FULL_WIDTH)


def _stands(figure: str, evidence: str) -> bool:
    """Whether it stands there and is not part of a longer number."""
    spelled, before = not figure[0].isdigit(), ""
    if not spelled:
        before = r"(?<!\d)(?<!\d[.,:])"
    elif not figure.startswith("百分之"):  # 统一百分之三十
        before = rf"(?<![{_HAN}])(?<![{_HAN}][万亿点])"
    after = ""
    if figure[-1].isdigit():
        after = r"(?![\d%‰]|[.,:]\d)"
    elif spelled and figure[-1] in _HAN:
        after = rf"(?![{_HAN}万亿点])"
    return bool(re.search(before + re.escape(figure) + after, evidence))
