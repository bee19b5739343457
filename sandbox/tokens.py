"""Access tokens of the account: the stable one, and the older kind of which each fetch replaces the one before."""

import secrets
import threading
from datetime import datetime, timedelta

from core.clock import now

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)  # a replaced token still works so long; a stable one is renewed so early
KEPT = timedelta(days=1)  # how long an expired token is told from an unknown one


class Tokens:
    """Issues and checks tokens. Thread-safe."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}
        self._stable = ""
        self._plain = ""
        self._lock = threading.Lock()

    def stable(self, renew: bool = False) -> tuple[str, int]:
        """The stable token and the seconds it lasts; `renew` replaces it at once (force_refresh)."""
        at = now()
        with self._lock:
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

    def _issue(self, at: datetime) -> str:
        self._ends = {token: end for token, end in self._ends.items() if end + KEPT > at}
        token = secrets.token_urlsafe(102)  # 136 characters; callers are told to have room for 512
        self._ends[token] = at + LIFE
        return token
