"""Whoever holds something of a follower is reached when he is forgotten."""

import pytest
from sqlalchemy.orm import Session

from core import forgetting


@pytest.fixture(autouse=True)
def _nobody_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "_holders", [])


def test_all_who_are_registered_are_called_once_with_the_same_transaction() -> None:
    calls: list[tuple[str, Session, int]] = []

    @forgetting.register
    def first(session: Session, follower_id: int) -> None:
        calls.append(("first", session, follower_id))

    @forgetting.register
    def second(session: Session, follower_id: int) -> None:
        calls.append(("second", session, follower_id))

    assert forgetting.register(first) is first  # a module that is imported again
    session = Session()
    forgetting.forget(session, 7)
    assert calls == [("first", session, 7), ("second", session, 7)]


def test_one_that_fails_lets_the_transaction_fail() -> None:
    """Else a follower would count as forgotten while somebody still holds something of him."""

    @forgetting.register
    def fails(_session: Session, _follower_id: int) -> None:
        raise RuntimeError("the table is locked")

    with pytest.raises(RuntimeError, match="locked"):
        forgetting.forget(Session(), 7)
