"""Messages that arrive together are stored together, and none suffers for another."""

import threading
from typing import Any

import pytest
from sqlalchemy import select

from conversations import inbox
from conversations.inbox import Accepted, Arrival, Inbound, Reaction, Replayed
from conversations.intake import Intake
from conversations.models import Follower, Message, Turn
from core.db import UNAVAILABLE, transaction
from core.settings import Settings
from tests.waiting import wait_until
from wechat_gateway.quota import Opening


def arrival(key: str, openid: str = "o-a", text: str = "在吗", fingerprint: str | None = None) -> Arrival:
    reaction = Reaction(utterance=text, opening=Opening.MESSAGE)
    return Arrival(Inbound(openid, key, "text", {"Content": text}), reaction, fingerprint)


def accept_together(intake: Intake, arrivals: list[Arrival]) -> dict[str, Accepted | Exception]:
    """What becomes of each, all brought at the same moment by threads of their own."""
    found: dict[str, Accepted | Exception] = {}
    start = threading.Barrier(len(arrivals))

    def bring(one: Arrival) -> None:
        start.wait()
        try:
            found[one.inbound.dedup_key] = intake.accept(one)
        except Exception as error:  # noqa: BLE001
            found[one.inbound.dedup_key] = error

    threads = [threading.Thread(target=bring, args=(one,)) for one in arrivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many messages each transaction held."""
    sizes: list[int] = []
    together = inbox.accept_all

    def counted(session: Any, arrivals: list[Arrival]) -> list[Accepted | None]:
        sizes.append(len(arrivals))
        return together(session, arrivals)

    monkeypatch.setattr(inbox, "accept_all", counted)
    return sizes


def test_many_messages_are_each_stored_once(database: str, batches: list[int]) -> None:
    messages = [arrival(f"{follower}.{number}", f"o-{follower}") for follower in range(8) for number in range(4)]
    accepted = accept_together(Intake(), messages)
    assert {type(one) for one in accepted.values()} == {Accepted}
    with transaction() as session:
        assert len(session.scalars(select(Message)).all()) == 32
        assert len(session.scalars(select(Turn)).all()) == 32
        assert len(session.scalars(select(Follower)).all()) == 8
    assert sum(batches) == 32
    assert len(batches) < 32  # some went together


def test_turns_of_one_follower_keep_the_order_of_arrival(database: str) -> None:
    intake = Intake()
    turns = [intake.accept(arrival(str(number))).turn_id for number in range(5)]
    assert turns == sorted(turns)


def test_a_message_that_cannot_be_stored_fails_alone(database: str) -> None:
    unstorable = arrival("bad", "o-bad")
    unstorable.inbound.content["Content"] = object()  # no JSON
    accepted = accept_together(Intake(), [unstorable, *(arrival(f"{n}", f"o-{n}") for n in range(6))])
    assert not isinstance(accepted.pop("bad"), Accepted)
    assert {type(one) for one in accepted.values()} == {Accepted}


def test_a_replay_in_a_batch_is_told_to_whoever_brought_it(database: str) -> None:
    intake = Intake()
    intake.accept(arrival("first", "o-a", fingerprint="f"))
    accepted = accept_together(intake, [arrival("forged", "o-b", fingerprint="f"), arrival("other", "o-c")])
    assert isinstance(accepted["forged"], Replayed)
    assert isinstance(accepted["other"], Accepted)


def test_without_a_database_everybody_is_told(configure: Any) -> None:
    settings: Settings = configure(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert settings.database_url
    told = accept_together(Intake(), [arrival(f"{n}", f"o-{n}") for n in range(3)])
    assert all(isinstance(one, UNAVAILABLE) for one in told.values())


def test_the_thread_outlives_what_goes_wrong(database: str) -> None:
    intake = Intake()
    unstorable = arrival("bad")
    unstorable.inbound.content["Content"] = object()
    with pytest.raises(Exception, match="serializable"):
        intake.accept(unstorable)
    done: list[Accepted] = []
    threading.Thread(target=lambda: done.append(intake.accept(arrival("good"))), daemon=True).start()
    wait_until(lambda: done)
