"""Values of a workbook as its sheet shows them: 0.05 in a cell of per cents is 5%, 45000 in one of days 2023-03-15."""

import re
from datetime import date, datetime, time, timedelta

_ASIDE = re.compile(r"\[[^\]]*\]|_.|\*.")  # colours, locales and conditions; room for a sign; filling
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.([#0?]*))?")
_PRIVATE = 0xE000  # where literals wait, out of the way of the signs of the format


def shown(value: object, number_format: str | None) -> str:
    """The text of a cell.

    Args:
        value: what openpyxl reads: a number, text, day, time, truth value, or None.
        number_format: the cell's format, such as `0.0%`, `#,##0"元"` or `yyyy"年"m"月"d"日"`.
    """
    form = number_format or "General"
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime() | date():
            return _day(value, form)
        case time():
            return value.strftime("%H:%M")
        case timedelta():
            return str(value)
        case int() | float():
            return _number(value, form)
    text = str(value)
    return "" if text.startswith("#") and text.rstrip("!?/A0").isupper() else text  # #REF!, #N/A: a formula that failed


def _day(value: date, form: str) -> str:
    plain = _ASIDE.sub("", form)
    has_day = "d" in plain.lower()
    if "年" in plain:
        text = f"{value.year}年{value.month}月" + (f"{value.day}日" if has_day else "")
    else:
        text = value.isoformat()[:10] if has_day else value.isoformat()[:7]
    if isinstance(value, datetime) and "h" in plain.lower() and value.time() != time():
        text += f" {value:%H:%M}"
    return text


def _number(value: float, form: str) -> str:
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(match[1] if match[1] is not None else match[2])
        return chr(_PRIVATE + len(literals) - 1)

    section = _ASIDE.sub("", _LITERAL.sub(keep, form).split(";")[0])
    match = _DIGITS.search(section)
    if not match or "E" in section or "/" in section:
        return _general(value)
    percent = "%" in section
    places = match[1] or ""
    text = f"{value * 100 if percent else value:{',' if ',' in match[0] else ''}.{len(places)}f}"
    if optional := len(places) - len(places.rstrip("#?")):
        kept = text[-optional:].rstrip("0")
        text = (text[:-optional] + kept).rstrip(".")
    around = section[: match.start()], section[match.end() :]
    before, after = (re.sub("[\ue000-\uf8ff]", lambda one: literals[ord(one[0]) - _PRIVATE], part) for part in around)
    return f"{before}{text}{after}".strip()


def _general(value: float) -> str:
    """A number without a format: ten decimal places at most, so that 0.1 + 0.2 is 0.3."""
    return str(value) if isinstance(value, int) else f"{value:.10f}".rstrip("0").rstrip(".")
