"""What a process has one of: made when it is first asked for, once, however many threads ask at the same time.

`functools.cache` lets two threads that ask at the same moment make one each. Of two engines one would be forgotten with
its connections open; those who wait at one of two runners would not be woken by the other.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801  a decorator
    """Makes a function without arguments give the same object each time: `@once def get_engine() -> Engine`."""

    def __init__(self, make: Callable[[], T]) -> None:
        self.__doc__, self.__name__ = make.__doc__, make.__name__
        self._make = make
        self._lock = threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """The object."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]

    def forget(self) -> T | None:
        """Give up the object, for whoever asked to close it; the next call makes another. None: there was none."""
        with self._lock:
            return self._made.pop() if self._made else None
