"""Who said what and what came back: the count by which a load or fault test is judged.

Independent of the chats, which are cut; bounded itself. Passive answers are linked to the push they answered, because
the connection says so. A customer-service message answers nothing in particular: those are listed in their order.
"""

import itertools
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

from core.clock import local_now
from sandbox.push import Fields

KEPT = 100_000  # pushes, and service messages


@dataclass
class Push:
    """A message or event on its way to the webhook. `state`: pending, answered, quiet or fault."""

    id: int
    openid: str
    kind: str  # MsgType, or the event's name
    content: str
    message_id: str
    at: str
    state: str = "pending"
    tries: int = 0
    fault: str = ""
    passive: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)  # answers to a duplicate that the follower did not see


@dataclass(frozen=True)
class Service:
    """A customer-service message that was accepted."""

    id: int
    openid: str
    kind: str
    content: str
    at: str


class Ledger:
    """The books. Thread-safe."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._pushes: deque[Push] = deque(maxlen=KEPT)
        self._services: deque[Service] = deque(maxlen=KEPT)
        self._sums: Counter[str] = Counter()
        self._tries: Counter[int] = Counter()
        self._lock = threading.Lock()

    def sent(self, openid: str, fields: Fields) -> Push:
        """Enter a push."""
        is_event = fields["MsgType"] == "event"
        kind = str(fields["Event"] if is_event else fields["MsgType"])
        content = str(fields.get("EventKey" if is_event else "Content", ""))
        with self._lock:
            push = Push(next(self._numbers), openid, kind, content, str(fields.get("MsgId", "")), _stamp())
            self._pushes.append(push)
            self._sums["events" if is_event else "messages"] += 1
            return push

    def ended(self, push: Push, tries: int, fault: str, replies: list[str]) -> None:
        """Enter how a push ended; the first reply is the one that was shown."""
        with self._lock:
            push.tries, push.fault, push.passive, push.discarded = tries, fault, replies[:1], replies[1:]
            push.state = "fault" if fault else "answered" if replies else "quiet"
            self._tries[tries] += 1
            self._sums["faults" if fault else "passive"] += 1 if fault or replies else 0

    def served(self, openid: str, kind: str, content: str) -> None:
        """Enter a customer-service message."""
        with self._lock:
            self._services.append(Service(next(self._numbers), openid, kind, content, _stamp()))
            self._sums["service"] += 1

    def totals(self) -> dict[str, Any]:
        """How many of each since the sandbox began."""
        with self._lock:
            sums = {name: self._sums[name] for name in ("messages", "events", "passive", "service", "faults")}
            pending = self._sums["messages"] + self._sums["events"] - self._tries.total()
            return sums | {"pending": pending, "tries": {str(key): self._tries[key] for key in sorted(self._tries)}}

    def answers(self, after: int = 0, openid: str = "") -> dict[str, Any]:
        """The pushes and service messages entered since number `after`, of one follower or of all, in order."""
        with self._lock:
            entries: list[list[Any]] = [
                [asdict(each) for each in book if each.id > after and openid in ("", each.openid)]
                for book in (self._pushes, self._services)
            ]
        pushes, services = entries
        return {"pushes": pushes, "service": services}


def _stamp() -> str:
    return local_now().isoformat(timespec="milliseconds")
