"""Numbers as people dictate them, in digits as the documents have them: 百分之十五, 三十万, 二零二六年."""

import re

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMBER = "[一二两三四五六七八九十][零〇一二两三四五六七八九十百千]*"
# Without one of these behind it a number may be part of a name: 六税两费, 十大强企, 三量齐升.
_COUNTED = "多?个?(?:元|块|岁|天|年|月|人|家|平|倍|号|名|台|工作日)"

_YEAR = re.compile("(?<![零〇一二三四五六七八九])([12一二][零〇一二三四五六七八九]{3})(?=年)")
_SHARE = re.compile(f"百分之(零|{_NUMBER})(?:点([零〇一二三四五六七八九]+))?(?![零一二两三四五六七八九十百几多])")
_LARGE = re.compile(f"(?<![几数上成好点第零〇一二两三四五六七八九十百千])({_NUMBER})(?=多?[万亿](?!一))")
_LONG = re.compile(f"(?<![几数上成好点第零〇一二两三四五六七八九十百千])({_NUMBER})(?={_COUNTED})")


def to_digits(text: str) -> str:
    """The text with its shares, years, and counts of ten and more in digits; whatever is in doubt stays."""
    text = _YEAR.sub(lambda match: _one_by_one(match[1]), text)
    text = _SHARE.sub(_share, text)
    text = _LARGE.sub(lambda match: _digits(match[1]), text)
    return _LONG.sub(lambda match: _digits(match[1]) if len(match[1]) > 1 or match[1] == "十" else match[1], text)


def value(numeral: str) -> int | None:
    """The number below ten thousand that a numeral writes with its units; None where it is not one, as in 八九."""
    total, digit = 0, None
    smallest = 10_000
    for character in numeral:
        if character in _UNITS:
            unit = _UNITS[character]
            if unit >= smallest or (digit is None and total):
                return None
            total, digit, smallest = total + (1 if digit is None else digit) * unit, None, unit
        elif digit:
            return None
        else:
            digit = _DIGITS[character]
    # 一百五 is 150: a digit after a unit without 零 stands for the next smaller unit.
    spoken = digit and smallest in (100, 1000) and "零" not in numeral and "〇" not in numeral
    return total + (digit or 0) * (smallest // 10 if spoken else 1)


def _share(match: re.Match[str]) -> str:
    number = value(match[1])
    if number is None:
        return match[0]
    return f"{number}.{_one_by_one(match[2])}%" if match[2] else f"{number}%"


def _digits(numeral: str) -> str:
    number = value(numeral)
    return numeral if number is None else str(number)


def _one_by_one(numeral: str) -> str:
    return "".join(str(_DIGITS.get(character, character)) for character in numeral)
