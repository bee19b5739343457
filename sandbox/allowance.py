"""How often each call may be made: a day (45009), a minute (45011), and clearing these counts (48006).

Figures: the platform's page on call limits for verified service accounts, and the pages of the calls themselves. Each
can be lowered for a test (`PUT /api/limits`).
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.clock import now, today
from sandbox.refusal import Refusal

CLEARS_A_MONTH = 10
MINUTE = 60  # seconds


@dataclass(frozen=True)
class Limit:
    """The most calls."""

    daily: int
    minute: int


USUAL = Limit(daily=100_000, minute=60_000)
LIMITS: Mapping[str, Limit] = {
    "/cgi-bin/token": Limit(2_000, 2_000),
    "/cgi-bin/stable_token": Limit(500_000, 10_000),
    "/cgi-bin/message/custom/send": Limit(500_000, 60_000),
    "/cgi-bin/menu/create": Limit(1_000, 1_000),
    "/cgi-bin/menu/get": Limit(10_000, 10_000),
    "/cgi-bin/menu/delete": Limit(1_000, 1_000),
    "/cgi-bin/media/get": Limit(200_000, 60_000),
    "/cgi-bin/user/get": Limit(500, 500),
    "/cgi-bin/user/info": Limit(5_000_000, 60_000),
    "/cgi-bin/message/mass/sendall": Limit(100, 60),
    "/cgi-bin/message/mass/send": Limit(100, 60),
    "/cgi-bin/message/mass/preview": Limit(100, 60),
    "/cgi-bin/message/mass/delete": Limit(10, 10),
}


class Allowance:
    """Counts the calls. Thread-safe."""

    def __init__(self) -> None:
        self._limits = dict(LIMITS)
        self._day = date.min
        self._minute = 0
        self._today: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self._clears: Counter[str] = Counter()
        self._lock = threading.Lock()

    def use(self, call: str) -> None:
        """Count a call.

        Raises:
            Refusal: 45009 the day's are used up, 45011 the minute's.
        """
        with self._lock:
            self._turn()
            limit = self._limits.get(call, USUAL)
            if self._today[call] >= limit.daily:
                raise Refusal(45009, "reach max api daily quota limit")
            if self._now[call] >= limit.minute:
                raise Refusal(45011, "api minute-quota reach limit, must slower, retry next minute")
            self._today[call] += 1
            self._now[call] += 1

    def left(self, call: str) -> tuple[Limit, int, int]:
        """The limit of a call, and how often it was made today and in this minute."""
        with self._lock:
            self._turn()
            return self._limits.get(call, USUAL), self._today[call], self._now[call]

    def clear(self) -> None:
        """Begin the day's counts anew.

        Raises:
            Refusal: 48006 ten times this month already.
        """
        with self._lock:
            self._turn()
            month = f"{self._day:%Y-%m}"
            if self._clears[month] >= CLEARS_A_MONTH:
                raise Refusal(48006, "forbid to clear quota because of reaching the limit")
            self._clears[month] += 1
            self._today.clear()

    def set(self, call: str, limit: Limit) -> None:
        """Another limit for one call, counted from now."""
        with self._lock:
            self._limits[call] = limit
            self._today[call] = self._now[call] = 0

    def reset(self) -> None:
        """The platform's own limits again."""
        with self._lock:
            self._limits = dict(LIMITS)

    def changed(self) -> dict[str, Limit]:
        """The limits that are not the platform's own."""
        with self._lock:
            return {call: limit for call, limit in self._limits.items() if LIMITS.get(call) != limit}

    def _turn(self) -> None:
        day, minute = today(), int(now().timestamp()) // MINUTE
        if day != self._day:
            self._day = day
            self._today.clear()
        if minute != self._minute:
            self._minute = minute
            self._now.clear()
