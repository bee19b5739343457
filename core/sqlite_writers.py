"""SQLite has one writer at a time. Those of all threads and processes of this machine take turns here.

SQLite's own way to wait is to look again after sleeps that grow to a tenth of a second: whoever comes back at once wins
over whoever waits. Under load the worker's many small transactions kept the gateway from storing messages for seconds.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy.exc import TimeoutError as PoolTimeout

LOOK_EVERY = 0.001  # seconds between looks whether another process has finished

_line = threading.Lock()  # one of those who can wait stands at the front
_front = threading.Lock()  # and only with him those who cannot compete for the next turn


@contextlib.contextmanager
def turn_to_write(database: str, within: float, *, urgent: bool) -> Iterator[None]:
    """Be the one who writes to the database, until the block ends.

    Args:
        database: path of its file.
        within: seconds to wait at most.
        urgent: before everybody else of this process who waits already.

    Raises:
        sqlalchemy.exc.TimeoutError: others keep the database busy.
    """
    ends = time.monotonic() + within
    with contextlib.ExitStack() as held:
        for lock in (_front,) if urgent else (_line, _front):
            if not lock.acquire(timeout=max(ends - time.monotonic(), 0)):
                raise PoolTimeout("other threads keep the database busy")
            held.callback(lock.release)
        with contextlib.suppress(OSError):  # without a place for the file; what else is wrong there, SQLite will say
            file = _lock_file(f"{database}-turn", os.getpid())
            while not _locked(file):
                if time.monotonic() > ends:
                    raise PoolTimeout("other processes keep the database busy")
                time.sleep(LOOK_EVERY)
            held.callback(fcntl.flock, file, fcntl.LOCK_UN)
        yield


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@lru_cache(maxsize=8)  # a process has one database; tests have many, one after the other
def _lock_file(path: str, _process: int) -> int:
    """A descriptor of this process: one inherited in a fork would lock nobody out."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
