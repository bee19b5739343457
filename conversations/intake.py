"""Group commit: messages that arrive at about the same time go into the inbox in one transaction.

A transaction for each message costs several times what reading and answering it costs, and SQLite has one writer at a
time. So one thread stores what has gathered, and those who brought it wait. An idle gateway stores each message at once.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache

from conversations import inbox
from conversations.inbox import Accepted, Arrival, Replayed
from core.db import UNAVAILABLE, transaction

MOST = 50  # messages in one transaction
LULL = 0.001  # seconds without another arrival, after which what has gathered is stored
GATHER = 0.02  # seconds after which it is stored anyway

_Place = tuple[Arrival, Future[Accepted | None]]


class Intake:
    """The inbox of this process, for many threads."""

    def __init__(self) -> None:
        self._line: list[_Place] = []
        self._arrived = threading.Condition()
        self._busy = False  # the last transaction held several
        threading.Thread(target=self._run, name="intake", daemon=True).start()

    def accept(self, arrival: Arrival) -> Accepted:
        """Store a message; it is committed when this returns.

        Raises:
            Replayed: see `inbox.accept`.
            OperationalError and others of core.db.UNAVAILABLE: the database cannot take it.
        """
        stored: Future[Accepted | None] = Future()
        with self._arrived:
            self._line.append((arrival, stored))
            self._arrived.notify()
        accepted = stored.result()
        if accepted is None:
            raise Replayed
        return accepted

    def _run(self) -> None:
        while True:
            with self._arrived:
                self._arrived.wait_for(lambda: self._line)
            if self._busy:
                self._gather()
            batch = self._next()
            self._busy = len(batch) > 1
            _store(batch)

    def _gather(self) -> None:
        """While several are coming, wait for a lull: the others get the processor to bring theirs."""
        ends, seen = time.monotonic() + GATHER, 0
        while seen < len(self._line) < MOST and time.monotonic() < ends:
            seen = len(self._line)
            time.sleep(LULL)

    def _next(self) -> list[_Place]:
        """Those who come next, one message a follower: the inbox takes messages of different ones together."""
        with self._arrived:
            batch: dict[str, _Place] = {}
            rest = []
            for place in self._line:
                openid = place[0].inbound.openid
                if openid in batch or len(batch) == MOST:
                    rest.append(place)
                else:
                    batch[openid] = place
            self._line = rest
        return list(batch.values())


def _store(batch: Sequence[_Place]) -> None:
    try:
        with transaction() as session:
            stored = inbox.accept_all(session, [arrival for arrival, _ in batch])
    except Exception as error:  # noqa: BLE001  it is told to those whom it concerns
        if len(batch) == 1 or isinstance(error, UNAVAILABLE):
            for _, waiting in batch:
                waiting.set_exception(error)
            return
        for place in batch:  # one of them cannot be stored, and the others are not to suffer for it
            _store([place])
        return
    for (_, waiting), accepted in zip(batch, stored, strict=True):
        waiting.set_result(accepted)


@cache
def get_intake() -> Intake:
    """The intake of this process."""
    return Intake()
