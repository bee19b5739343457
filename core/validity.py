"""Who can say whether what an answer rests on still holds, so that one which has waited is not sent when it does not.

A feature whose answers may lose their ground registers a judge when it is imported; a process that sends must import it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

Sources = Sequence[Mapping[str, Any]]
Judge = Callable[[Session, Sources], bool]

_judges: list[Judge] = []


def register(judge: Judge) -> Judge:
    """Have `judge(session, sources)` asked before an answer with sources goes out; False withdraws it."""
    if judge not in _judges:
        _judges.append(judge)
    return judge


def holds(session: Session, sources: Sources) -> bool:
    """Whether all who are registered still stand by these sources, as deliveries store them."""
    return not sources or all(judge(session, sources) for judge in _judges)
