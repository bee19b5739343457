"""Group commit: messages that arrive at about the same time go into the inbox in one transaction.

A transaction for each message costs several times what reading and answering it costs, and SQLite has one writer at a
time. So one thread stores what has gathered, and those who brought it wait. An idle gateway stores each message at once.
"""

import math
import threading
import time
from collections.abc import Sequence
from queue import SimpleQueue

from conversations import inbox
from conversations.inbox import Accepted, Arrival, Replayed
from core.db import UNAVAILABLE, transaction
from core.once import once

MOST = 50  # messages in one transaction
LATELY = 0.01  # seconds since the transaction before, within which more are expected
LULL = 0.001  # seconds without another arrival, after which what has gathered is stored
GATHER = 0.02  # seconds after which it is stored anyway

_Outcome = Accepted | Exception
_Place = tuple[Arrival, SimpleQueue[_Outcome]]  # a message, and where whoever brought it waits for what became of it


class Intake:
    """The inbox of this process, for many threads."""

    def __init__(self) -> None:
        self._arriving: SimpleQueue[_Place] = SimpleQueue()
        self._line: list[_Place] = []  # of the storing thread alone
        threading.Thread(target=self._run, name="intake", daemon=True).start()

    def accept(self, arrival: Arrival) -> Accepted:
        """Store a message; it is committed when this returns.

        Raises:
            Replayed: see `inbox.accept`.
            OperationalError and others of core.db.UNAVAILABLE: the database cannot take it.
        """
        box: SimpleQueue[_Outcome] = SimpleQueue()
        self._arriving.put((arrival, box))
        outcome = box.get()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _run(self) -> None:
        stored = -math.inf
        while True:
            if not self._line:
                self._line.append(self._arriving.get())
            if time.monotonic() - stored < LATELY:
                self._gather()
            while len(self._line) < MOST and not self._arriving.empty():
                self._line.append(self._arriving.get())
            _store(self._next())
            stored = time.monotonic()

    def _gather(self) -> None:
        """Wait for a lull: the others get the processor to bring theirs."""
        ends, seen = time.monotonic() + GATHER, -1
        while seen < self._arriving.qsize() < MOST and time.monotonic() < ends:
            seen = self._arriving.qsize()
            time.sleep(LULL)

    def _next(self) -> list[_Place]:
        """Those who come next, one message a follower: the inbox takes messages of different ones together."""
        batch: dict[str, _Place] = {}
        rest = []
        for place in self._line:
            openid = place[0].inbound.openid
            if openid in batch:
                rest.append(place)
            else:
                batch[openid] = place
        self._line = rest
        return list(batch.values())


def _store(batch: Sequence[_Place]) -> None:
    try:
        with transaction(urgent=True) as session:
            stored = inbox.accept_all(session, [arrival for arrival, _ in batch])
    except Exception as error:  # noqa: BLE001  it is told to those whom it concerns
        if len(batch) == 1 or isinstance(error, UNAVAILABLE):
            for _, box in batch:
                box.put(error)
            return
        for place in batch:  # one of them cannot be stored, and the others are not to suffer for it
            _store([place])
        return
    for (_, box), accepted in zip(batch, stored, strict=True):
        box.put(accepted or Replayed())


@once
def get_intake() -> Intake:
    """The intake of this process."""
    return Intake()
