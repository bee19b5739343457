"""The one source of the current time. With TONGQI_ALLOW_CLOCK=1 it can be set for demonstrations and tests.

A set clock stands in `var/clock` as an offset to the real one, so every process sees it at once and it keeps running.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.settings import get_settings

LOCAL = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC) + _offset()


def local_now() -> datetime:
    """The current time, aware, in the district's time zone (Asia/Shanghai)."""
    return now().astimezone(LOCAL)


def today() -> date:
    """The current date in the district's time zone."""
    return local_now().date()


def set_clock(moment: datetime | None) -> None:
    """Let every process's clock read `moment` from now on (naive: local time); None: the real time again.

    Raises:
        PermissionError: TONGQI_ALLOW_CLOCK is not 1.
    """
    settings = get_settings()
    if not settings.tongqi_allow_clock:
        raise PermissionError("the clock can be set only where TONGQI_ALLOW_CLOCK=1")
    path = settings.tongqi_var / "clock"
    if moment is None:
        path.unlink(missing_ok=True)
        return
    aware = moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(str((aware - datetime.now(UTC)).total_seconds()))
    fresh.replace(path)


def _offset() -> timedelta:
    settings = get_settings()
    if not settings.tongqi_allow_clock:
        return timedelta()
    try:
        return timedelta(seconds=float((settings.tongqi_var / "clock").read_text()))
    except (FileNotFoundError, ValueError):
        return timedelta()
