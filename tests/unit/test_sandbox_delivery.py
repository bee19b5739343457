import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import now
from core.settings import Settings
from sandbox import crypto, envelope, events, push, reply
from sandbox.delivery import Courier, Outcome, Patience
from tests.webhook_stub import Delivery, webhook

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PATIENCE = Patience(answer=0.3, pause=0.01)
Configure = Callable[..., Settings]


@pytest.fixture
def settings(configure: Configure) -> Settings:
    return configure()


def deliver(settings: Settings, url: str, content: str = "你好") -> Outcome:
    return Courier(settings, url, PATIENCE).deliver("oAlice", push.addressed(push.text(content), "oAlice", now()))


def test_a_push_is_signed_and_its_reply_read(settings: Settings) -> None:
    with webhook(lambda delivery: delivery.reply("收到")) as stub:
        outcome = deliver(settings, stub.url)
    assert (outcome.tries, outcome.reply) == (1, reply.Reply("text", "收到"))
    query = stub.deliveries[0].query
    assert query["signature"] == crypto.sign("webhook-token", query["timestamp"], query["nonce"])
    assert query["openid"] == "oAlice"
    assert "msg_signature" not in query


def test_a_slow_webhook_gets_the_same_message_again(settings: Settings) -> None:
    answers = iter([None, None])
    with webhook(lambda delivery: next(answers, delivery.reply("久等了"))) as stub:
        outcome = deliver(settings, stub.url)
    assert outcome.tries == 3
    assert outcome.reply == reply.Reply("text", "久等了")
    assert len({delivery.value("MsgId") for delivery in stub.deliveries}) == 1
    assert len({delivery.value("CreateTime") for delivery in stub.deliveries}) == 1


def test_after_three_deliveries_it_gives_up(settings: Settings) -> None:
    with webhook(lambda _delivery: None) as stub:
        began = time.monotonic()
        outcome = deliver(settings, stub.url)
        took = time.monotonic() - began
    assert (outcome.tries, outcome.fault) == (3, "no answer in time")
    assert len(stub.deliveries) == 3
    assert 0.9 <= took < 2.5


def test_a_body_that_trickles_does_not_outlast_the_deadline(settings: Settings) -> None:
    with trickling_server() as url:
        began = time.monotonic()
        outcome = deliver(settings, url)
    assert "answer in time" in outcome.fault
    assert time.monotonic() - began < 2.5


@contextmanager
def trickling_server() -> Iterator[str]:
    """A webhook that sends a byte now and then, and never the last."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            while not stopped.wait(0.05):
                self.wfile.write(b" ")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    stopped = threading.Event()
    server = QuietServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/wechat"
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """The courier has hung up, as it should."""


def test_nobody_listening_is_tried_three_times(settings: Settings) -> None:
    with webhook() as stub:
        url = stub.url
    outcome = deliver(settings, url)
    assert outcome.tries == 3
    assert "not reachable" in outcome.fault


@pytest.mark.parametrize(
    "answer",
    [
        b'{"errcode": 0}',
        b"<html>Internal Server Error</html>",
        b"<xml><ToUserName>o",
        b"<!DOCTYPE xml [<!ENTITY a 'b'>]><xml>&a;</xml>",
        envelope.to_xml(
            {"ToUserName": "oAlice", "FromUserName": push.ACCOUNT, "CreateTime": 1, "MsgType": "dance"}
        ).encode(),
        envelope.to_xml(
            {"ToUserName": "oAlice", "FromUserName": push.ACCOUNT, "CreateTime": 1, "MsgType": "text"}
        ).encode(),
    ],
)
def test_a_malformed_answer_in_time_is_a_fault_at_once(settings: Settings, answer: bytes) -> None:
    with webhook(lambda _delivery: answer) as stub:
        outcome = deliver(settings, stub.url)
    assert outcome.fault
    assert len(stub.deliveries) == 1


def test_a_reply_to_somebody_else_or_too_long_is_a_fault(settings: Settings) -> None:
    with webhook(lambda delivery: delivery.reply("好").replace(b"oAlice", b"oBob")) as stub:
        assert "ToUserName" in deliver(settings, stub.url).fault
    with webhook(lambda delivery: delivery.reply("好" * 683)) as stub:
        assert deliver(settings, stub.url).fault == "text of 2049 bytes"


@pytest.mark.parametrize("quiet", [b"success", b"", b" \n"])
def test_success_and_nothing_say_nothing(settings: Settings, quiet: bytes) -> None:
    with webhook(lambda _delivery: quiet) as stub:
        assert deliver(settings, stub.url) == Outcome(1)


def test_safe_mode_hides_the_message_and_wants_a_hidden_reply(configure: Configure) -> None:
    settings = configure(WECHAT_MODE="safe", WECHAT_ENCODING_AES_KEY=AES_KEY)

    def answer(delivery: Delivery) -> bytes:
        ciphertext = delivery.value("Encrypt")
        query = delivery.query
        assert query["encrypt_type"] == "aes"
        assert query["msg_signature"] == crypto.sign("webhook-token", query["timestamp"], query["nonce"], ciphertext)
        opened = Delivery({}, crypto.decrypt(ciphertext, AES_KEY, settings.wechat_app_id).decode())
        sealed = crypto.encrypt(opened.reply(opened.value("Content")), AES_KEY, settings.wechat_app_id)
        signature = crypto.sign("webhook-token", "1714037059", "n", sealed)
        fields = {"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": 1714037059, "Nonce": "n"}
        return envelope.to_xml(fields).encode()

    with webhook(answer) as stub:
        outcome = deliver(settings, stub.url, "保密")
        assert "保密" not in stub.deliveries[0].body
        assert "oAlice" not in stub.deliveries[0].body
        assert outcome.reply == reply.Reply("text", "保密")
        stub.answer = lambda delivery: answer(delivery).replace(b"1714037059", b"1714037060")
        assert deliver(settings, stub.url).fault == "wrong MsgSignature"
        stub.answer = lambda _delivery: Delivery({}, "").reply("明文")
        assert deliver(settings, stub.url).fault == "plain text in safe mode"


def test_compatible_mode_sends_both_forms(configure: Configure) -> None:
    settings = configure(WECHAT_MODE="compatible", WECHAT_ENCODING_AES_KEY=AES_KEY)
    with webhook(lambda delivery: delivery.reply("好")) as stub:
        assert deliver(settings, stub.url, "你好").reply == reply.Reply("text", "好")
    delivery = stub.deliveries[0]
    hidden = crypto.decrypt(delivery.value("Encrypt"), AES_KEY, settings.wechat_app_id).decode()
    assert Delivery({}, hidden).value("Content") == delivery.value("Content") == "你好"


@given(st.text())
def test_any_text_arrives_as_it_was_typed(content: str) -> None:
    xml = envelope.to_xml(push.addressed(push.text(content), "oAlice", now()))
    arrived = ElementTree.fromstring(xml).findtext("Content")
    typed = "".join(char for char in content if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff"))
    assert arrived == typed.replace("\r\n", "\n").replace("\r", "\n")  # XML knows one line end


def test_articles_beyond_what_the_push_allows_are_cut(settings: Settings) -> None:
    items = "".join(f"<item><Title>{n}</Title><Url>https://a.gov.cn/{n}</Url></item>" for n in (1, 2))

    def news(delivery: Delivery) -> bytes:
        text = delivery.reply("x").replace(b">text<", b">news<").decode()
        articles = f"<ArticleCount>2</ArticleCount><Articles>{items}</Articles></xml>"
        return text.replace("</xml>", articles).encode()

    with webhook(news) as stub:
        outcome = deliver(settings, stub.url)
        clicked = push.addressed(events.event("CLICK", "k"), "oAlice", now())
        after_click = Courier(settings, stub.url, PATIENCE).deliver("oAlice", clicked)
    assert outcome.reply is not None
    assert after_click.reply is not None
    assert [article.title for article in outcome.reply.articles] == ["1"]
    assert [article.url for article in after_click.reply.articles] == ["https://a.gov.cn/1", "https://a.gov.cn/2"]


def test_the_log_keeps_question_and_answer(settings: Settings) -> None:
    with webhook(lambda delivery: delivery.reply("收到")) as stub:
        courier = Courier(settings, stub.url, PATIENCE)
        courier.deliver("oAlice", push.addressed(push.text("在吗"), "oAlice", now()))
    entry = courier.log()[0]
    assert entry["try"] == 1
    assert "在吗" in entry["body"]
    assert "收到" in entry["answer"]
    assert entry["ms"] >= 0


def test_verification_says_what_is_wrong(settings: Settings) -> None:
    with webhook() as stub:
        courier = Courier(settings, stub.url, PATIENCE)
        assert courier.confirm() == ""
        stub.echo = False
        assert "WECHAT_TOKEN" in courier.confirm()
    assert "没有启动" in courier.confirm()


def test_every_try_has_a_nonce_and_a_signature_of_its_own(settings: Settings) -> None:
    with webhook(lambda _delivery: None) as stub:
        deliver(settings, stub.url)
    queries = [delivery.query for delivery in stub.deliveries]
    assert len({query["nonce"] for query in queries}) == len({query["signature"] for query in queries}) == 3
    assert all(len(query["nonce"]) >= 10 and query["nonce"].isdecimal() for query in queries)


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_a_push_in_json_is_answered_in_json(configure: Configure, mode: str) -> None:
    settings = configure(WECHAT_MODE=mode, WECHAT_ENCODING_AES_KEY=AES_KEY)

    def answer(delivery: Delivery) -> bytes:
        push_ = json.loads(delivery.body)
        if mode != "plain":
            push_ = json.loads(crypto.decrypt(push_["Encrypt"], AES_KEY, settings.wechat_app_id))
        assert isinstance(push_["MsgId"], int)
        head = {"ToUserName": push_["FromUserName"], "FromUserName": push_["ToUserName"], "CreateTime": 1714037059}
        text = json.dumps(head | {"MsgType": "text", "Content": f"您说：{push_['Content']}"})
        if mode != "safe":
            return text.encode()
        sealed = crypto.encrypt(text.encode(), AES_KEY, settings.wechat_app_id)
        signature = crypto.sign("webhook-token", "1714037059", "n", sealed)
        envelope_ = {"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": 1714037059, "Nonce": "n"}
        return json.dumps(envelope_).encode()

    with webhook(answer) as stub:
        courier = Courier(settings, stub.url, PATIENCE, "json")
        outcome = courier.deliver("oAlice", push.addressed(push.text("你好"), "oAlice", now()))
        assert outcome.reply == reply.Reply("text", "您说：你好")
        assert ("你好" in stub.deliveries[0].body) is (mode != "safe")
        stub.answer = lambda delivery: b"<xml><ToUserName>oAlice</ToUserName></xml>"
        outcome = courier.deliver("oAlice", push.addressed(push.text("你好"), "oAlice", now()))
        assert outcome.fault == "not the JSON of a reply"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_rubbish_is_a_bad_reply_and_nothing_else(body: bytes) -> None:
    settings = Settings(wechat_token="t", wechat_app_id="wx1")  # type: ignore[arg-type]
    for form in ("xml", "json"):
        try:
            said = reply.Reader(settings, form).read(body, push.addressed(push.text("x"), "oAlice", now()))  # type: ignore[arg-type]
        except reply.BadReply:
            continue
        assert said is None
        assert body.strip() in reply.QUIET


def test_one_consent_is_an_object_and_several_are_a_list() -> None:
    one, two = events.consent(["a"], accept=True), events.consent(["a", "b"], accept=True)
    assert json.loads(envelope.to_json(one))["List"]["TemplateId"] == "a"
    assert [row["TemplateId"] for row in json.loads(envelope.to_json(two))["List"]] == ["a", "b"]
    wrapper = ElementTree.fromstring(envelope.to_xml(two)).find("SubscribeMsgPopupEvent")
    assert wrapper is not None
    assert [row.findtext("TemplateId") for row in wrapper.findall("List")] == ["a", "b"]
