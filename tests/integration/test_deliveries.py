"""Outgoing messages: quota, waiting, retries, final refusals."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, update

from conversations import deliveries, dispatch, passive, sending
from conversations.deliveries import Outgoing
from conversations.inbox import Arrival, Reaction, accept
from conversations.models import Channel, Delivery, DeliveryState, Follower, Turn, TurnState
from conversations.sweep import sweep
from core.clock import now
from core.db import transaction
from tests.integration.conftest import Wechat
from tests.integration.test_turns import Inbound, say
from wechat_gateway.message import Article, Text
from wechat_gateway.quota import Opening


def answer_late(*answers: str | Outgoing) -> int:
    """A turn whose answers are due as service messages; the follower's id."""
    accepted = say("问", key=sha256(repr(answers).encode()).hexdigest())
    with transaction() as session:
        turn = session.get_one(Turn, accepted.turn_id)
        turn.late, turn.state = True, TurnState.DELIVERED_LATER
        deliveries.queue(session, turn, [Outgoing(Text(one)) if isinstance(one, str) else one for one in answers])
    return accepted.follower_id


def rows() -> list[Delivery]:
    with transaction() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_late_answers_go_out_in_order(wechat: Wechat) -> None:
    sending.send_due(answer_late("一", "二"))
    assert wechat.sent == [("o-a", "一"), ("o-a", "二")]
    assert {(row.state, row.channel) for row in rows()} == {(DeliveryState.SENT, Channel.SERVICE)}
    assert wechat.tokens == 1


@pytest.mark.pitfall(3)
def test_beyond_the_quota_answers_wait_for_the_next_message(wechat: Wechat) -> None:
    follower = answer_late(*"一二三四五六七")
    sending.send_due(follower)
    assert [text for _, text in wechat.sent] == list("一二三四五")
    assert [row.state for row in rows()][5:] == [DeliveryState.WAITING, DeliveryState.QUEUED]
    say("还在吗")
    sending.send_due(follower)
    assert [text for _, text in wechat.sent] == list("一二三四五六七")


def test_following_allows_three_messages_in_a_minute(wechat: Wechat) -> None:
    with transaction() as session:
        reaction = Reaction(replies=tuple("一二三四"), opening=Opening.MOMENT)
        accepted = accept(session, Arrival(Inbound("o-a", "k", "event:subscribe", {}), reaction, late=True))
    sending.send_due(accepted.follower_id)
    assert [text for _, text in wechat.sent] == list("一二三")


@pytest.mark.parametrize("code", [45015, 45047])
@pytest.mark.pitfall(3)
def test_wechats_word_on_the_quota_is_final(wechat: Wechat, code: int) -> None:
    wechat.errors = [code]
    follower = answer_late("一", "二")
    sending.send_due(follower)
    sending.send_due(follower)
    assert wechat.sent == []
    assert rows()[0].state is DeliveryState.WAITING


def test_a_stale_token_is_renewed_once(wechat: Wechat) -> None:
    wechat.errors = [40001]
    sending.send_due(answer_late("一"))
    assert (wechat.tokens, len(wechat.sent)) == (2, 1)


def test_a_permanent_token_error_does_not_loop(wechat: Wechat) -> None:
    wechat.errors = [40001] * 50
    sending.send_due(answer_late("一"))
    assert wechat.tokens == 2
    assert rows()[0].state is DeliveryState.QUEUED  # tried again later


def test_a_busy_wechat_is_asked_again_by_the_sweep(wechat: Wechat) -> None:
    wechat.errors = [45009]
    sending.send_due(answer_late("一"))
    assert (rows()[0].state, rows()[0].attempts) == (DeliveryState.QUEUED, 1)
    make_due()
    sweep()
    assert rows()[0].state is DeliveryState.SENT


def test_a_final_refusal_is_shown_as_failed(wechat: Wechat) -> None:
    wechat.errors = [43004]
    sending.send_due(answer_late("一"))
    assert rows()[0].state is DeliveryState.FAILED
    assert "43004" in str(rows()[0].error)


def test_an_answer_that_nobody_picked_up_is_sent_by_the_sweep(wechat: Wechat) -> None:
    accepted = say("一")
    with transaction() as session:
        turn = session.get_one(Turn, accepted.turn_id)
        turn.state = TurnState.ANSWERED
        deliveries.queue(session, turn, [Outgoing(Text("答"))])
    sweep()
    assert wechat.sent == []  # WeChat may still redeliver and take it passively
    make_due()
    sweep()
    assert wechat.sent == [("o-a", "答")]
    with transaction() as session:
        assert session.get_one(Turn, accepted.turn_id).state is TurnState.DELIVERED_LATER
        assert passive.take(session, accepted.turn_id, accepted.follower_id) is None  # not twice


def test_a_sender_killed_before_its_message_left_is_stood_in_for(wechat: Wechat) -> None:
    follower = answer_late("一")
    sending._start(follower)  # the process dies here
    sweep()
    assert wechat.sent == []
    make_due()
    sweep()
    assert wechat.sent == [("o-a", "一")]


def test_what_a_killed_sender_had_sent_is_not_sent_again(wechat: Wechat) -> None:
    letter = sending._start(answer_late("一"))
    assert letter is not None
    dispatch.note(letter.delivery_id)  # and dies before it hears what WeChat says
    make_due()
    sweep()
    assert (wechat.sent, rows()[0].state) == ([], DeliveryState.LEFT)


def test_a_note_of_a_refused_attempt_says_nothing_of_the_next(wechat: Wechat) -> None:
    follower = answer_late("一")
    wechat.errors = [45009]
    dispatch.note(rows()[0].id)
    sending.send_due(follower)
    assert not dispatch.noted(rows()[0].id)


def test_choices_go_out_as_a_menu_to_tap(wechat: Wechat) -> None:
    offer = Outgoing(Text("您是想:"), ({"title": "看材料", "payload": "/loan_materials"},))
    follower = answer_late(offer)
    sending.send_due(follower)
    menu = wechat.bodies[0]["msgmenu"]
    assert (menu["head_content"], menu["list"]) == ("您是想：", [{"id": f"{rows()[0].id}.1", "content": "看材料"}])
    assert rows()[0].text == "您是想：\n1 看材料"


def test_an_account_without_menus_gets_them_as_text(wechat: Wechat) -> None:
    wechat.errors = [48001]
    follower = answer_late(Outgoing(Text("您是想:"), ({"title": "看材料", "payload": "/loan_materials"},)))
    sending.send_due(follower)
    assert wechat.sent == [("o-a", "您是想：\n1 看材料")]


def test_cards_go_out_as_cards(wechat: Wechat) -> None:
    sending.send_due(answer_late(Outgoing(Article("标题", "说明", "https://example.org/"))))
    assert wechat.bodies[0]["news"]["articles"][0]["title"] == "标题"


def test_a_message_wechat_could_never_take_fails_alone(wechat: Wechat) -> None:
    follower = answer_late(Outgoing(Article("标" * 900, "", "https://example.org/")), "二")
    with transaction() as session:
        session.execute(
            update(Delivery).where(Delivery.id == 1).values(text="", message={"kind": "text", "content": ""})
        )
    sending.send_due(follower)
    sending.send_due(follower)
    assert [row.state for row in rows()] == [DeliveryState.FAILED, DeliveryState.SENT]


def test_nothing_goes_out_to_who_is_with_an_agent_or_gone(wechat: Wechat) -> None:
    follower = answer_late("一")
    with transaction() as session:
        accept(session, Arrival(Inbound("o-a", "kf", "event:kf_create_session", {}), Reaction(agent="li@gh")))
    sending.send_due(follower)
    assert (wechat.sent, rows()[0].error) == ([], "taken over")


@pytest.mark.pitfall(7)
def test_an_agents_session_ends_after_half_an_hour(wechat: Wechat) -> None:
    follower = answer_late("一")
    with transaction() as session:
        row = session.get_one(Follower, follower)
        row.agent, row.agent_since = "li@gh", now() - timedelta(minutes=31)
    sending.send_due(follower)
    assert wechat.sent == [("o-a", "一")]


def make_due() -> None:
    with transaction() as session:
        session.execute(update(Delivery).values(due_at=now() - timedelta(seconds=1)))
