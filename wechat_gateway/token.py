"""The access token of one account: one owner for all processes.

The token and its end are kept in Redis, so every process sees the same expiry, and fetched under a shared lock, so a
token that ends is asked for once. Without Redis each process fetches for itself, which does no harm: the platforms
give every caller the same token until it nears its end.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from core.clock import now, today
from core.logging import get_logger

MARGIN = 300  # seconds before its end at which a token is fetched anew; stable_token gives a new one from then on
LOCK_LASTS = 20  # seconds; more than two fetches take, so that a killed holder does not stop the others for long
PATIENCE = 3  # seconds to wait for the token that another one is fetching
FORCE_PAUSE = 30  # seconds between two forced refreshes; the platform's limit
FORCES_A_DAY = 20  # the platform's limit

# The token and the seconds it lasts; True asks for a new one though the old one has not ended.
Fetch = Callable[[bool], tuple[str, int]]

log = get_logger()


@dataclass(frozen=True)
class _Stored:
    """A token (room for 512 characters is prescribed; any length fits) and until when, in seconds since the epoch."""

    value: str
    used_until: float


class SharedToken:
    """The token of the account `name`. Thread-safe."""

    def __init__(self, name: str, redis: Redis, fetch: Fetch) -> None:
        self._key = f"wechat:access-token:{name}"
        self._redis = redis
        self._fetch = fetch
        self._own: _Stored | None = None  # for the time without Redis

    def get(self) -> str:
        """The token in use, fetched if there is none.

        Raises:
            WechatError: what `fetch` raises.
        """
        if current := self._current():
            return current
        with self._lock():
            return self._current() or self._store(*self._fetch(False))

    def renew(self, failed: str) -> str:
        """Another token than `failed`, which the platform has refused; `failed` itself where there is none to be had.

        A token that another process has fetched meanwhile is taken over. If the platform gives the refused one again it
        is made to replace it, within the platform's limits, which are counted in Redis; without Redis never.

        Raises:
            WechatError: what `fetch` raises.
        """
        with self._lock():
            current = self._current()
            if current and current != failed:
                return current
            value, lasts = self._fetch(False)
            if value == failed and self._may_force():
                value, lasts = self._fetch(True)
            return self._store(value, lasts)

    def _current(self) -> str | None:
        try:
            raw = self._redis.get(self._key)
            stored = _Stored(**json.loads(raw)) if isinstance(raw, bytes | str) else None
        except RedisError as error:
            log.warning("token cache unavailable", error=type(error).__name__)
            stored = self._own
        return stored.value if stored and stored.used_until > now().timestamp() else None

    def _store(self, value: str, lasts: int) -> str:
        used = max(lasts - MARGIN, 1)
        self._own = _Stored(value, now().timestamp() + used)
        log.info("access token fetched", seconds=lasts)
        with suppress(RedisError):
            self._redis.set(self._key, json.dumps(vars(self._own)), ex=used)
        return value

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Be the one who fetches; who has waited in vain, or has no Redis, goes on without the lock."""
        lock = self._redis.lock(f"{self._key}:lock", timeout=LOCK_LASTS, blocking_timeout=PATIENCE)
        try:
            held = lock.acquire()
        except RedisError:
            held = False
        try:
            yield
        finally:
            if held:
                with suppress(RedisError):  # it has run out, or Redis has gone
                    lock.release()

    def _may_force(self) -> bool:
        try:
            if not self._redis.set(f"{self._key}:forced", 1, nx=True, ex=FORCE_PAUSE):
                return False
            counter = f"{self._key}:forced:{today()}"
            count = self._redis.incr(counter)
            self._redis.expire(counter, 86400)
        except RedisError:
            return False
        return bool(count <= FORCES_A_DAY)
