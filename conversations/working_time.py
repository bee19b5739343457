"""When people answer: working days with legal holidays and make-up days (调休), lunch, one-off closures."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import chinese_calendar

from core.clock import LOCAL
from core.settings import WorkingTime

ANSWER_WITHIN = timedelta(minutes=30)  # of working time, after the request; promised by the operator
WEEKDAYS = "一二三四五六日"
# Legal holidays with a fixed date (State Council's regulation in force since 2025), for years not announced yet.
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def is_working_day(day: date, hours: WorkingTime) -> bool:
    """Whether staff work on `day`.

    The State Council announces each year's calendar in the November before; for a year that the calendar package does
    not know yet, Monday to Friday count as working days, but for the holidays with a fixed date.
    """
    if day.isoformat() in hours.closures:
        return False
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # chinese_calendar's word for a year that is not announced yet
        return day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS


def is_open(moment: datetime, hours: WorkingTime) -> bool:
    """Whether somebody is at work at `moment` (aware)."""
    return any(start <= moment < end for start, end in _spans_from(moment.astimezone(LOCAL), hours, days=1))


def due(moment: datetime, hours: WorkingTime, within: timedelta = ANSWER_WITHIN) -> datetime:
    """The moment (aware, local) by which `within` of working time has passed since `moment` (aware)."""
    local = moment.astimezone(LOCAL)
    left = within
    for start, end in _spans_from(local, hours):
        begin = max(start, local)
        if begin + left <= end:
            return begin + left
        left -= max(end - begin, timedelta())
    raise ValueError("the working-time calendar has no opening hours within a year")


def promise(due_at: datetime, now: datetime) -> str:
    """A Chinese phrase for a due time, such as `今天14:30前` or `11月23日(周一)9:30前`."""
    local, today = due_at.astimezone(LOCAL), now.astimezone(LOCAL).date()
    clock = f"{local.hour}:{local.minute:02d}"
    days = {today: "今天", today + timedelta(days=1): "明天"}
    day = days.get(local.date(), f"{local.month}月{local.day}日")
    return f"{day}(周{WEEKDAYS[local.weekday()]}){clock}前" if day != "今天" else f"今天{clock}前"


def _spans_from(moment: datetime, hours: WorkingTime, days: int = 366) -> Iterator[tuple[datetime, datetime]]:
    """Opening spans (local) of the day of `moment` and the following ones, those that ended before it left out."""
    for ahead in range(days):
        day = moment.date() + timedelta(days=ahead)
        if not is_working_day(day, hours):
            continue
        for opens, closes in hours.spans:
            start, end = (datetime.combine(day, at, LOCAL) for at in (opens, closes))
            if end > moment:
                yield start, end
