"""Turns: one at a time per follower, in order, and nothing lost when a process dies."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.client import Reply
from conversations import dialogue, inbox, turns
from conversations.inbox import Accepted, Arrival, Inbound, Reaction
from conversations.models import Delivery, Message, Turn, TurnState
from conversations.sweep import sweep
from conversations.turns import MOVES
from core.clock import now
from core.db import transaction
from tests.integration.conftest import Dialogue
from wechat_gateway.quota import Opening


def say(text: str, openid: str = "o-a", key: str | None = None) -> Accepted:
    with transaction() as session:
        reaction = Reaction(utterance=text, opening=Opening.MESSAGE)
        return inbox.accept(session, Arrival(Inbound(openid, key or text, "text", {"Content": text}), reaction))


def states() -> list[TurnState]:
    with transaction() as session:
        return list(session.scalars(select(Turn.state).order_by(Turn.id)))


def expire_leases() -> None:
    with transaction() as session:
        session.execute(update(Turn).values(lease_until=now() - timedelta(seconds=1)))


def test_a_second_turn_waits_for_the_first(database: str) -> None:
    follower = say("一").follower_id
    say("二")
    with transaction() as session:
        first = turns.claim_next(session, follower)
    with transaction() as session:
        assert first is not None and first.utterance == "一"
        assert turns.claim_next(session, follower) is None


def test_turns_are_answered_in_order(database: str, dialogue_stub: Dialogue) -> None:
    first, *_ = [say(text) for text in "一二三"]
    dialogue.run_turns(first.follower_id)
    assert dialogue_stub.asked == ["一", "二", "三"]
    assert states() == [TurnState.ANSWERED] * 3


@pytest.mark.pitfall(2)
def test_the_same_message_at_the_same_time_is_one_turn(database: str) -> None:
    barrier = threading.Barrier(6)
    accepted: list[Accepted] = []

    def deliver() -> None:
        barrier.wait()
        accepted.append(say("同一条", key="same"))

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.turn_id for each in accepted}) == 1
    assert sorted(each.pushes for each in accepted) == [1, 2, 3, 4, 5, 6]
    with transaction() as session:
        assert len(session.scalars(select(Message)).all()) == 1


def test_many_threads_answer_each_turn_once(database: str, dialogue_stub: Dialogue) -> None:
    first, *_ = [say(str(number)) for number in range(5)]
    threads = [threading.Thread(target=dialogue.run_turns, args=(first.follower_id,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dialogue_stub.asked == ["0", "1", "2", "3", "4"]


def test_the_sweep_runs_what_a_killed_process_left(database: str, dialogue_stub: Dialogue) -> None:
    running = say("在跑", openid="o-a")
    say("没开始", openid="o-b")
    with transaction() as session:
        turns.claim_next(session, running.follower_id)
    sweep()
    assert dialogue_stub.asked == []  # both may still be somebody's
    expire_leases()
    sweep()
    assert sorted(dialogue_stub.asked) == ["在跑", "没开始"]
    assert states() == [TurnState.ANSWERED] * 2


def test_an_answer_that_comes_after_the_turn_was_taken_over_is_dropped(database: str, dialogue_stub: Dialogue) -> None:
    accepted = say("一")
    quick = dialogue_stub.answer

    def taken_over(text: str) -> list[Reply]:
        dialogue_stub.answer = quick
        expire_leases()
        sweep()
        return quick(text)

    dialogue_stub.answer = taken_over
    dialogue.run_turns(accepted.follower_id)
    with transaction() as session:
        assert len(session.scalars(select(Delivery)).all()) == 1


@pytest.mark.parametrize("source", TurnState)
@pytest.mark.parametrize("target", TurnState)
def test_only_the_allowed_moves_exist(configure: object, source: TurnState, target: TurnState) -> None:
    if target not in MOVES[source]:
        with pytest.raises(ValueError, match="no move"):
            turns.move(None, 1, source, target)  # type: ignore[arg-type]


def test_who_leaves_while_the_bot_thinks_is_told_nothing(database: str, dialogue_stub: Dialogue) -> None:
    accepted = say("一")
    quick = dialogue_stub.answer

    def leave(text: str) -> list[Reply]:
        with transaction() as session:
            inbox.accept(session, Arrival(Inbound("o-a", "bye", "event:unsubscribe", {}), Reaction(unfollows=True)))
        return quick(text)

    dialogue_stub.answer = leave
    dialogue.run_turns(accepted.follower_id)
    with transaction() as session:
        assert session.scalars(select(Delivery)).all() == []
