"""Failures on request: which calls and pushes go wrong, how, and how often."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

CALL_KINDS = ("timeout", "slow", "http500", "reset", "errcode", "expire_token")
PUSH_KINDS = ("duplicate", "delay")
SECONDS = {"timeout": 30.0, "slow": 3.0, "delay": 3.0}  # where the rule says nothing
MAX_RULES = 100
MAX_SECONDS = 600.0


@dataclass
class Rule:
    """One failure.

    `call`: a path without `cgi-bin/`, `*` for every call, or `push`. `after`: WeChat does what was asked and only its
    answer is lost. `times`: how often it strikes before it rests for good; `every`: only each so-manieth call.
    `seen` and `hits` count calls that fit and failures made.
    """

    call: str
    kind: str
    errcode: int = -1
    seconds: float = 0.0
    times: int | None = None
    every: int = 1
    after: bool = False
    name: str = ""
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: no such failure; the message says why, in Chinese.
        """
        self.call = self.call.strip("/").removeprefix("cgi-bin/")
        if self.kind not in (PUSH_KINDS if self.call == "push" else CALL_KINDS):
            raise ValueError(f"{self.call or '?'} 没有这种故障:{self.kind}")
        if self.every < 1 or (self.times is not None and self.times < 1):
            raise ValueError("times 和 every 至少是 1")
        self.seconds = float(self.seconds or SECONDS.get(self.kind, 0.0))
        if not 0 <= self.seconds <= MAX_SECONDS:
            raise ValueError(f"seconds 最多 {MAX_SECONDS:.0f}")

    @property
    def spent(self) -> bool:
        """Whether it has struck often enough."""
        return self.times is not None and self.hits >= self.times


class Faults:
    """The rules in force, first match first. Thread-safe."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def strike(self, call: str) -> Rule | None:
        """Which rule, if any, makes this call (or `push`) fail now; it is counted."""
        path = call.strip("/").removeprefix("cgi-bin/")
        with self._lock:
            for rule in self._rules:
                if rule.spent or not (rule.call == path or (rule.call == "*" and path != "push")):
                    continue
                rule.seen += 1
                if rule.seen % rule.every == 0:
                    rule.hits += 1
                    return rule
        return None

    def replace(self, rows: Any) -> None:
        """Have these rules instead; their counts begin at nought.

        Raises:
            ValueError: not a list of rules; the message says why, in Chinese.
        """
        if not isinstance(rows, list) or len(rows) > MAX_RULES or not all(isinstance(row, dict) for row in rows):
            raise ValueError("要一个规则列表")
        try:
            rules = [Rule(**{key: row[key] for key in row if key not in ("seen", "hits")}) for row in rows]
        except (TypeError, AttributeError) as error:
            raise ValueError("规则里有不认识的字段,或者类型不对") from error
        with self._lock:
            self._rules = rules

    def clear(self) -> None:
        """Have none."""
        self.replace([])

    def rules(self) -> list[dict[str, Any]]:
        """The rules with their counts."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]
