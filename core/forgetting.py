"""Who holds something of a follower, so that whoever forgets him reaches it without knowing who they are.

A feature above or beside `conversations` registers what deletes its rows when it is imported; a process in which a
follower can leave must therefore import it.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

Forget = Callable[[Session, int], None]

_holders: list[Forget] = []


def register(function: Forget) -> Forget:
    """Have `function(session, follower_id)` called for every follower who is forgotten; it must not commit."""
    if function not in _holders:
        _holders.append(function)
    return function


def forget(session: Session, follower_id: int) -> None:
    """Let all who are registered delete what they hold of the follower, in this transaction."""
    for function in _holders:
        function(session, follower_id)
