"""The webhook from the signed push to the passive reply, over both databases."""

import threading
from collections.abc import Callable

import pytest
import xmltodict
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.client import Choice, Reply
from conversations.models import Delivery, DeliveryState, Follower, Message, Turn, TurnState
from core.db import transaction
from core.settings import Settings
from tests.integration.conftest import Dialogue
from tests.pushes import AES_KEY, APP_ID, Push
from tests.waiting import wait_until
from wechat_gateway import crypto, webhook

Deliver = Callable[[Push], str]


def content(answer: str) -> str:
    return str(xmltodict.parse(answer)["xml"]["Content"])


def turns() -> list[Turn]:
    with transaction() as session:
        return list(session.scalars(select(Turn).order_by(Turn.id)))


def test_url_verification_echoes_only_what_is_signed(gateway: FlaskClient) -> None:
    args = Push(b"x").args
    assert gateway.get("/wechat", query_string={**args, "echostr": "<b>42"}).get_data(as_text=True) == "<b>42"
    refused = gateway.get("/wechat", query_string={**args, "nonce": "other", "echostr": "42"})
    assert (refused.status_code, refused.data) == (403, b"")


def test_a_text_is_answered_passively_and_stored(push: Deliver, dialogue_stub: Dialogue) -> None:
    answer = xmltodict.parse(push(Push.text("贷款能贷多少", openid="o-li")))["xml"]
    assert (answer["Content"], answer["ToUserName"], answer["FromUserName"]) == (
        "答：贷款能贷多少",
        "o-li",
        "gh_account",
    )
    assert [turn.state for turn in turns()] == [TurnState.ANSWERED]
    with transaction() as session:
        assert session.scalars(select(Delivery.state)).all() == [DeliveryState.SENT]


def test_a_redelivery_gets_the_same_answer_and_runs_nothing(push: Deliver, dialogue_stub: Dialogue) -> None:
    first = push(Push.text("在吗", msg_id=1))
    assert content(push(Push.text("在吗", msg_id=1))) == content(first)
    assert dialogue_stub.asked == ["在吗"]
    assert len(turns()) == 1


def test_events_without_msgid_are_told_apart(push: Deliver) -> None:
    assert "小通" in content(push(Push.event("subscribe", openid="o-a")))
    assert "小通" in content(push(Push.event("subscribe", openid="o-b")))
    assert push(Push.event("VIEW", openid="o-a", key="https://x")) == "success"
    assert len(turns()) == 3


def test_unsubscribing_removes_what_identifies_the_follower(push: Deliver) -> None:
    push(Push.text("我的电话13812345678", openid="o-wang"))
    assert push(Push.event("unsubscribe", openid="o-wang")) == "success"
    with transaction() as session:
        assert session.scalar(select(Follower.openid)) == "gone:1"
        assert {message.kind: message.content for message in session.scalars(select(Message))} == {
            "text": {},
            "event:unsubscribe": {},
        }
        assert session.scalars(select(Turn.utterance).where(Turn.utterance.is_not(None))).all() == [""]
        assert session.scalars(select(Delivery.text)).all() == [""]


def test_safe_mode_answers_encrypted(gateway: FlaskClient, configure: Callable[..., Settings]) -> None:
    configure(WECHAT_MODE="safe", WECHAT_ENCODING_AES_KEY=AES_KEY)
    push = Push.text("贷款", aes_key=AES_KEY)
    sealed = xmltodict.parse(gateway.post("/wechat", query_string=push.args, data=push.body).data)["xml"]
    parts = ("webhook-token", sealed["TimeStamp"], sealed["Nonce"], sealed["Encrypt"])
    assert crypto.signed(sealed["MsgSignature"], *parts)
    assert content(crypto.decrypt(sealed["Encrypt"], AES_KEY, APP_ID).decode()) == "答：贷款"


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"\x00\xff" * 100, 400), (b"x" * 10_000_000, 413), (b"<xml/>", 400)]
)
def test_bad_bodies_are_refused_with_an_empty_answer(gateway: FlaskClient, body: bytes, status: int) -> None:
    response = gateway.post("/wechat", query_string=Push(b"").args, data=body)
    assert (response.status_code, response.data) == (status, b"")


def test_a_wrong_signature_is_refused_before_the_body_is_read(gateway: FlaskClient) -> None:
    response = gateway.post("/wechat", query_string={"signature": "x"}, data=b"x" * 10_000_000)
    assert (response.status_code, response.data) == (403, b"")


def test_kinds_without_a_handler_get_a_friendly_line(push: Deliver, dialogue_stub: Dialogue) -> None:
    picture = Push.xml("o-x", "<MsgType>image</MsgType><PicUrl>u</PicUrl><MediaId>m</MediaId><MsgId>5</MsgId>")
    assert "打字" in content(push(picture))
    assert "空消息" in content(push(Push.text("   ")))
    assert dialogue_stub.asked == []


def test_cdata_in_an_answer_cannot_add_elements(push: Deliver) -> None:
    answer = push(Push.xml("o-x", "<MsgType>text</MsgType><Content>a]]&gt;&lt;MsgType&gt;b</Content><MsgId>9</MsgId>"))
    assert xmltodict.parse(answer)["xml"]["MsgType"] == "text"


def test_two_thousand_characters_are_answered(push: Deliver, dialogue_stub: Dialogue) -> None:
    dialogue_stub.answer = lambda text: []
    push(Push.text("贷" * 2500))
    assert [len(text) for text in dialogue_stub.asked] == [2000]


def test_a_slow_dialogue_gets_success_in_time_and_the_answer_is_late(
    push: Deliver, dialogue_stub: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "ANSWER_WITHIN", 0.2)
    quick, released = dialogue_stub.answer, threading.Event()

    def slow(text: str) -> list[Reply]:
        released.wait(10)
        return quick(text)

    dialogue_stub.answer = slow
    assert push(Push.text("慢")) == "success"
    released.set()
    wait_until(lambda: turns()[0].state is TurnState.DELIVERED_LATER)
    with transaction() as session:
        assert session.scalars(select(Delivery.state)).all() == [DeliveryState.QUEUED]


def test_a_dialogue_that_fails_twice_is_apologised_for(push: Deliver, dialogue_stub: Dialogue) -> None:
    dialogue_stub.answer = dialogue_stub.fail
    assert "人工" in content(push(Push.text("在吗")))
    assert len(dialogue_stub.asked) == 2
    assert [turn.state for turn in turns()] == [TurnState.FAILED]


def test_a_number_stands_for_the_choice_that_was_offered(push: Deliver, dialogue_stub: Dialogue) -> None:
    choices = (Choice("看材料", '/loan_materials{"question": "x"}'), Choice("找人", "/human"))
    dialogue_stub.answer = lambda text: [Reply(text="您是想:", choices=choices)]
    assert content(push(Push.text("材料"))) == "您是想：\n1 看材料\n2 找人"
    push(Push.text("② "))
    push(Push.text("看材料"))
    push(Push.text("3"))
    assert dialogue_stub.asked == ["材料", "/human", '/loan_materials{"question": "x"}', "3"]
