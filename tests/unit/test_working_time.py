"""The working-time calendar: lunch, weekends, legal holidays, make-up days, closures."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.working_time import due, is_open, is_working_day, promise
from core.clock import LOCAL
from core.settings import WorkingTime

HOURS = WorkingTime()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-20", True),  # Friday
        ("2026-11-22", False),  # Sunday
        ("2026-10-01", False),  # national day
        ("2026-10-10", True),  # a Saturday made up for it
        ("2027-01-01", False),  # not announced in the package yet, but fixed by law
    ],
)
def test_working_days(day: str, works: bool) -> None:
    assert is_working_day(date.fromisoformat(day), HOURS) is works


def test_a_closure_of_the_district_counts() -> None:
    assert not is_working_day(date(2026, 11, 20), WorkingTime(closures=["2026-11-20"]))


@pytest.mark.parametrize(
    ("asked", "answered", "said"),
    [
        ("2026-11-20 09:10", "2026-11-20 09:40", "今天9:40前"),
        ("2026-11-20 11:45", "2026-11-20 13:15", "今天13:15前"),  # lunch does not count
        ("2026-11-20 17:50", "2026-11-23 09:20", "11月23日(周一)9:20前"),  # over the weekend
        ("2026-11-22 20:00", "2026-11-23 09:30", "明天(周一)9:30前"),
        ("2026-09-30 17:45", "2026-10-08 09:15", "10月8日(周四)9:15前"),  # over the national holidays
    ],
)
def test_promises(asked: str, answered: str, said: str) -> None:
    assert due(at(asked), HOURS) == at(answered)
    assert promise(due(at(asked), HOURS), at(asked)) == said


@given(st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)))
def test_a_promise_falls_into_working_time_and_never_before_half_an_hour(moment: datetime) -> None:
    asked = moment.replace(tzinfo=LOCAL)
    promised = due(asked, HOURS)
    assert (promised - asked).total_seconds() >= 1800
    # The end of an opening span belongs to it here: 12:00 is still kept.
    assert is_open(promised, HOURS) or (promised.hour, promised.minute) in {(12, 0), (18, 0)}


def test_a_calendar_without_opening_hours_is_an_error() -> None:
    with pytest.raises(ValueError, match="opening hours"):
        due(at("2026-11-20 09:10"), WorkingTime(spans=[]))
