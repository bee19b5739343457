"""Outgoing messages: quota, waiting, retries, final refusals."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from conversations import deliveries
from conversations.deliveries import Outgoing
from conversations.inbox import Reaction, accept
from conversations.models import Channel, Delivery, DeliveryState, Turn, TurnState
from conversations.sweep import sweep
from core.clock import now
from core.db import transaction
from tests.integration.conftest import Wechat
from tests.integration.test_turns import Inbound, say
from wechat_gateway.quota import Opening


def answer_late(*texts: str) -> int:
    """A turn whose answers are due as service messages; the follower's id."""
    accepted = say(texts[0], key=f"key{texts}")
    with transaction() as session:
        turn = session.get_one(Turn, accepted.turn_id)
        turn.late, turn.state = True, TurnState.DELIVERED_LATER
        deliveries.queue(session, turn, [Outgoing(text) for text in texts])
    return accepted.follower_id


def rows() -> list[Delivery]:
    with transaction() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_late_answers_go_out_in_order(wechat: Wechat) -> None:
    deliveries.send_due(answer_late("一", "二"))
    assert wechat.sent == [("o-a", "一"), ("o-a", "二")]
    assert {(row.state, row.channel) for row in rows()} == {(DeliveryState.SENT, Channel.SERVICE)}
    assert wechat.tokens == 1


def test_beyond_the_quota_answers_wait_for_the_next_message(wechat: Wechat) -> None:
    follower = answer_late(*"一二三四五六七")
    deliveries.send_due(follower)
    assert [text for _, text in wechat.sent] == list("一二三四五")
    assert [row.state for row in rows()][5:] == [DeliveryState.WAITING, DeliveryState.QUEUED]
    say("还在吗")
    deliveries.send_due(follower)
    assert [text for _, text in wechat.sent] == list("一二三四五六七")


def test_following_allows_three_messages_in_a_minute(wechat: Wechat) -> None:
    with transaction() as session:
        reaction = Reaction(replies=tuple("一二三四"), opening=Opening.MOMENT)
        accepted = accept(session, Inbound("o-a", "k", "event:subscribe", {}), reaction, late=True)
    deliveries.send_due(accepted.follower_id)
    assert [text for _, text in wechat.sent] == list("一二三")


@pytest.mark.parametrize("code", [45015, 45047])
def test_wechats_word_on_the_quota_is_final(wechat: Wechat, code: int) -> None:
    wechat.errors = [code]
    follower = answer_late("一", "二")
    deliveries.send_due(follower)
    deliveries.send_due(follower)
    assert wechat.sent == []
    assert rows()[0].state is DeliveryState.WAITING


def test_a_stale_token_is_renewed_once(wechat: Wechat) -> None:
    wechat.errors = [40001]
    deliveries.send_due(answer_late("一"))
    assert (wechat.tokens, len(wechat.sent)) == (2, 1)


def test_a_permanent_token_error_does_not_loop(wechat: Wechat) -> None:
    wechat.errors = [40001] * 50
    deliveries.send_due(answer_late("一"))
    assert wechat.tokens == 2
    assert rows()[0].state is DeliveryState.QUEUED  # tried again later


def test_a_busy_wechat_is_asked_again_by_the_sweep(wechat: Wechat) -> None:
    wechat.errors = [45009]
    deliveries.send_due(answer_late("一"))
    assert (rows()[0].state, rows()[0].attempts) == (DeliveryState.QUEUED, 1)
    make_due()
    sweep()
    assert rows()[0].state is DeliveryState.SENT


def test_a_final_refusal_is_shown_as_failed(wechat: Wechat) -> None:
    wechat.errors = [43004]
    deliveries.send_due(answer_late("一"))
    assert rows()[0].state is DeliveryState.FAILED
    assert "43004" in str(rows()[0].error)


def test_an_answer_that_nobody_picked_up_is_sent_by_the_sweep(wechat: Wechat) -> None:
    accepted = say("一")
    with transaction() as session:
        turn = session.get_one(Turn, accepted.turn_id)
        turn.state = TurnState.ANSWERED
        deliveries.queue(session, turn, [Outgoing("答")])
    sweep()
    assert wechat.sent == []  # WeChat may still redeliver and take it passively
    make_due()
    sweep()
    assert wechat.sent == [("o-a", "答")]
    with transaction() as session:
        assert session.get_one(Turn, accepted.turn_id).state is TurnState.DELIVERED_LATER
        assert deliveries.take_passively(session, accepted.turn_id) is None  # not twice


def test_a_killed_senders_message_is_sent_after_its_lease(wechat: Wechat) -> None:
    follower = answer_late("一")
    deliveries._start(follower)  # the process dies here
    sweep()
    assert wechat.sent == []
    make_due()
    sweep()
    assert wechat.sent == [("o-a", "一")]


def make_due() -> None:
    with transaction() as session:
        session.execute(update(Delivery).values(due_at=now() - timedelta(seconds=1)))
