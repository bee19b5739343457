"""Access tokens of the account: the stable one, and the older kind of which each fetch replaces the one before."""

import secrets
import threading
from datetime import date, datetime, timedelta

from core.clock import now, today
from sandbox.refusal import Refusal

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)  # a replaced token still works so long; a stable one is renewed so early
FORCED_A_DAY = 20
FORCED_APART = timedelta(seconds=30)
KEPT = timedelta(days=1)  # how long an expired token is told from an unknown one


class Tokens:
    """Issues and checks tokens. Thread-safe."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}
        self._stable = ""
        self._plain = ""
        self._forced: tuple[date, int, datetime | None] = (date.min, 0, None)  # day, how often, when last
        self._lock = threading.Lock()

    def stable(self, renew: bool = False) -> tuple[str, int]:
        """The stable token and the seconds it lasts; `renew` replaces it at once (force_refresh).

        Raises:
            Refusal: 45009 replaced twenty times today, 45011 within the last 30 s.
        """
        at = now()
        with self._lock:
            if renew:
                self._count_forced(at)
            if renew and self._stable:
                self._ends[self._stable] = at
            if self._ends.get(self._stable, at) - OVERLAP <= at:
                self._stable = self._issue(at)
            return self._stable, int((self._ends[self._stable] - at).total_seconds())

    def plain(self) -> tuple[str, int]:
        """A fresh token and the seconds it lasts; the one before ends in five minutes at the latest."""
        at = now()
        with self._lock:
            if self._plain in self._ends:
                self._ends[self._plain] = min(self._ends[self._plain], at + OVERLAP)
            self._plain = self._issue(at)
            return self._plain, int(LIFE.total_seconds())

    def expired(self, token: str) -> bool | None:
        """Whether the token has ended; None if it was never issued."""
        with self._lock:
            end = self._ends.get(token)
        return None if end is None else end <= now()

    def expire_all(self) -> None:
        """End every token now, as when somebody has reset the account's secret."""
        at = now()
        with self._lock:
            self._ends = {token: min(end, at) for token, end in self._ends.items()}

    def _count_forced(self, at: datetime) -> None:
        day, count, last = self._forced
        count = count if day == today() else 0
        if count >= FORCED_A_DAY:
            raise Refusal(45009, "reach max force_refresh daily quota limit")
        if last is not None and at - last < FORCED_APART:
            raise Refusal(45011, "force_refresh too frequently, must be 30 seconds apart")
        self._forced = (today(), count + 1, at)

    def _issue(self, at: datetime) -> str:
        self._ends = {token: end for token, end in self._ends.items() if end + KEPT > at}
        token = secrets.token_urlsafe(102)  # 136 characters; callers are told to have room for 512
        self._ends[token] = at + LIFE
        return token
