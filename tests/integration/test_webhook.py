"""The webhook from the signed push to the passive reply, over both databases."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import xmltodict
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.factory import create_app
from bot import client as rasa
from bot.client import Choice, RasaDown, Reply
from conversations import inbox, passive, runner, sending, typing_state
from conversations.inbox import Arrival, Inbound, Reaction
from conversations.models import Attachment, Delivery, DeliveryState, Follower, Message, Scan, Turn, TurnState
from conversations.sweep import sweep
from core.clock import now
from core.db import transaction
from core.settings import Settings, get_settings
from tests.integration.conftest import Dialogue, Wechat
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
    assert delivery_states() == [DeliveryState.SENT]


def test_a_redelivery_gets_the_same_answer_and_runs_nothing(push: Deliver, dialogue_stub: Dialogue) -> None:
    first = push(Push.text("在吗", msg_id=1))
    assert content(push(Push.text("在吗", msg_id=1))) == content(first)
    assert dialogue_stub.asked == ["在吗"]
    assert len(turns()) == 1


@pytest.mark.pitfall(2)
def test_events_without_msgid_are_told_apart(push: Deliver) -> None:
    assert "小通" in content(push(Push.event("subscribe", openid="o-a")))
    assert "小通" in content(push(Push.event("subscribe", openid="o-b")))
    assert push(Push.event("VIEW", openid="o-a", key="https://x")) == "success"
    assert len(turns()) == 3


@pytest.mark.pitfall(10)
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


@pytest.fixture
def slow(dialogue_stub: Dialogue, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A dialogue that answers when the event is set; WeChat's patience is a fraction of its own."""
    monkeypatch.setattr(webhook, "ANSWER_WITHIN", 0.2)
    monkeypatch.setattr(webhook, "HANG_UP", 0.3)
    monkeypatch.setattr(typing_state, "AFTER", 0.1)
    quick, released = dialogue_stub.answer, threading.Event()

    def answer(text: str) -> list[Reply]:
        released.wait(10)
        return quick(text)

    dialogue_stub.answer = answer
    return released


@pytest.mark.pitfall(1)
def test_a_slow_answer_is_taken_by_the_second_delivery(
    push: Deliver, dialogue_stub: Dialogue, slow: threading.Event, wechat: Wechat
) -> None:
    assert push(Push.text("慢", msg_id=5)) == "success"  # nobody reads this: WeChat has hung up
    slow.set()
    assert content(push(Push.text("慢", msg_id=5))) == "答：慢"
    assert (dialogue_stub.asked, wechat.sent) == (["慢"], [])
    wait_until(lambda: wechat.typing == ["o-zhang"])


def test_after_the_third_delivery_a_slow_answer_is_a_service_message(
    push: Deliver, dialogue_stub: Dialogue, slow: threading.Event, wechat: Wechat
) -> None:
    for _ in range(3):
        assert push(Push.text("慢", msg_id=5)) == "success"
    slow.set()
    wait_until(lambda: turns()[0].state is TurnState.DELIVERED_LATER)
    sending.send_due(turns()[0].follower_id)
    assert (dialogue_stub.asked, wechat.sent) == (["慢"], [("o-zhang", "答：慢")])
    assert push(Push.text("慢", msg_id=5)) == "success"  # not a second time


@pytest.mark.pitfall(1)
def test_with_too_much_to_do_nobody_waits(
    push: Deliver, slow: threading.Event, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "AHEAD", 0)
    monkeypatch.setattr(webhook, "HANG_UP", 60)
    monkeypatch.setattr(typing_state, "AFTER", 60)
    assert push(Push.text("一")) == "success"  # at once: with the patience above it would take a minute
    slow.set()
    wait_until(lambda: turns()[0].state is TurnState.DELIVERED_LATER)
    sending.send_due(turns()[0].follower_id)
    assert wechat.sent == [("o-zhang", "答：一")]


def test_while_the_dialogue_is_down_nobody_waits(
    push: Deliver, dialogue_stub: Dialogue, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "HANG_UP", 60)
    monkeypatch.setattr(typing_state, "AFTER", 60)
    back = threading.Event()
    quick = dialogue_stub.answer

    def gone(text: str) -> list[Reply]:
        if back.is_set():
            return quick(text)
        raise RasaDown("ConnectError")

    dialogue_stub.answer = gone
    monkeypatch.setattr(rasa, "is_down", lambda: not back.is_set())
    assert push(Push.text("一")) == "success"
    back.set()  # it is back
    wait_until(lambda: turns()[0].state is TurnState.DELIVERED_LATER)
    sending.send_due(turns()[0].follower_id)
    assert wechat.sent == [("o-zhang", "答：一")]


def test_a_signed_request_is_good_for_one_message(gateway: FlaskClient, push: Deliver) -> None:
    first, forged = Push.text("真的", openid="o-a"), Push.text("假的", openid="o-b")
    push(first)
    response = gateway.post("/wechat", query_string=first.args, data=forged.body)
    assert (response.status_code, response.data) == (403, b"")
    push(first)  # the same again is WeChat asking again
    with transaction() as session:
        session.execute(update(Message).values(received_at=now() - timedelta(minutes=6)))
    assert gateway.post("/wechat", query_string=first.args, data=first.body).status_code == 403
    assert len(turns()) == 1


@pytest.mark.pitfall(1)
def test_a_defect_of_ours_loses_nothing_and_says_nothing_strange(
    push: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise KeyError("secret detail")

    monkeypatch.setattr(inbox, "accept_all", fail)
    kept = Push.text("重要的事")
    assert "人工" in content(push(kept))
    assert [path.read_bytes() for path in (get_settings().tongqi_var / "spool" / "aside").iterdir()] == [kept.body]


def test_a_reply_that_a_killed_gateway_was_writing(push: Deliver, gateway: FlaskClient, wechat: Wechat) -> None:
    message = Push.text("在吗")
    unread = gateway.post("/wechat", query_string=message.args, data=message.body)  # never closed: killed here
    assert delivery_states() == [DeliveryState.SENDING]
    assert content(push(message)) == "答：在吗"  # WeChat asks again
    assert delivery_states() == [DeliveryState.SENT]
    unread.close()


@pytest.mark.parametrize(("age", "state"), [(2, DeliveryState.SENT), (60, DeliveryState.QUEUED)])
def test_a_gateway_settles_what_its_predecessor_left(
    gateway: FlaskClient, database: str, age: int, state: DeliveryState
) -> None:
    message = Push.text("在吗")
    unread = gateway.post("/wechat", query_string=message.args, data=message.body)
    with transaction() as session:
        session.scalars(select(Delivery)).one().due_at -= timedelta(seconds=age)
    create_app()
    assert delivery_states() == [state]
    unread.close()


def delivery_states() -> list[DeliveryState]:
    passive.get_confirmations().write()
    with transaction() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_a_tapped_button_acts_as_the_intent_it_names(push: Deliver, dialogue_stub: Dialogue) -> None:
    push(Push.event("CLICK", key="loan_materials"))
    assert dialogue_stub.asked == ["/loan_materials"]


def test_a_tapped_choice_stands_for_what_it_was_offered_with(push: Deliver, dialogue_stub: Dialogue) -> None:
    choices = (Choice("看材料", '/loan_materials{"question": "x"}'), Choice("找人", "/human"))
    quick, dialogue_stub.answer = dialogue_stub.answer, lambda text: [Reply(text="您是想:", choices=choices)]
    push(Push.text("材料"))
    dialogue_stub.answer = quick
    push(Push.text("先问别的"))  # the choices are no longer the last thing said
    tapped = "<MsgType>text</MsgType><Content>找人</Content><bizmsgmenuid>1.2</bizmsgmenuid><MsgId>77</MsgId>"
    push(Push.xml("o-zhang", tapped))
    push(Push.xml("o-other", tapped.replace("77", "78")))  # not offered to this one: words
    assert dialogue_stub.asked == ["材料", "先问别的", "/human", "找人"]


def test_a_scanned_code_is_remembered(push: Deliver) -> None:
    push(Push.event("subscribe", openid="o-a", key="qrscene_source:expo"))
    push(Push.event("SCAN", openid="o-a", key="group:7"))
    with transaction() as session:
        assert session.scalar(select(Follower.source)) == "source:expo"
        scans = session.execute(select(Scan.kind, Scan.value).order_by(Scan.id)).all()
    assert [tuple(scan) for scan in scans] == [("source", "expo"), ("group", "7")]


def test_a_picture_is_kept_for_staff_and_deleted_with_its_sender(push: Deliver, wechat: Wechat) -> None:
    wechat.media["m1"] = b"\xff\xd8picture"
    picture = "<MsgType>image</MsgType><PicUrl>u</PicUrl><MediaId>m1</MediaId><MsgId>5</MsgId>"
    assert content(push(Push.xml("o-zhang", picture)))
    sweep()
    with transaction() as session:
        stored = session.scalars(select(Attachment)).one()
        assert (stored.state, stored.content, stored.content_type) == ("stored", b"\xff\xd8picture", "image/jpeg")
    push(Push.event("unsubscribe"))
    with transaction() as session:
        gone = session.scalars(select(Attachment)).one()
        assert (gone.state, gone.content, gone.media_id) == ("gone", None, "")


@pytest.mark.pitfall(7)
def test_while_wechats_own_desk_has_a_follower_the_bot_is_silent(
    push: Deliver, dialogue_stub: Dialogue, wechat: Wechat
) -> None:
    quick = dialogue_stub.answer

    def taken_over(text: str) -> list[Reply]:
        with transaction() as session:
            inbox.accept(
                session, Arrival(Inbound("o-zhang", "kf", "event:kf_create_session", {}), Reaction(agent="li@gh"))
            )
        return quick(text)

    dialogue_stub.answer = taken_over
    assert push(Push.text("在吗")) == "success"
    dialogue_stub.answer = quick
    assert content(push(Push.text("还在吗"))) == "答：还在吗"  # what reaches us is ours again


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
