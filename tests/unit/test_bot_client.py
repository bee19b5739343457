"""The client of Rasa: what reaches it, what comes back, and every way of failing."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import client
from bot.client import Choice, RasaUnavailable, Reply, converse, parse, parse_sender, sender_id
from core.settings import Settings

Handler = Callable[[httpx.Request], httpx.Response]
HELLO = [{"recipient_id": "7.1", "text": "您好"}]


class Rasa:
    """Stands where the Rasa servers stand, and keeps what they were sent."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.handler: Handler = lambda _request: httpx.Response(200, json=HELLO)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.handler(request)

    def said(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.requests[-1].content)
        return body


@pytest.fixture
def rasa(monkeypatch: pytest.MonkeyPatch, configure: Callable[..., Settings]) -> Rasa:
    configure(RASA_URLS="http://one:5005,http://two:5005", RASA_TOKEN="t0ken")
    server = Rasa()
    pool = httpx.Client(transport=httpx.MockTransport(server.handle))
    monkeypatch.setattr(client, "_http", lambda: pool)
    return server


def test_a_message_arrives_with_sender_turn_and_token(rasa: Rasa) -> None:
    assert converse("7.1", "你好", turn_id=3, timeout=1) == [Reply("您好")]
    assert rasa.said() == {"sender": "7.1", "message": "你好", "metadata": {"turn": 3}}
    assert rasa.requests[-1].url.params["token"] == "t0ken"


def test_text_and_json_of_one_action_are_one_reply(rasa: Rasa) -> None:
    rows = [
        {"text": "一\n \n依据"},
        {"custom": {"sources": [1]}},
        {"text": "二", "buttons": [{"title": "甲", "payload": "/x"}]},
    ]
    rasa.handler = lambda _request: httpx.Response(200, json=rows)
    assert converse("7.1", "问") == [Reply("一\n\n依据", (), {"sources": [1]}), Reply("二", (Choice("甲", "/x"),))]


def _times_out(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


def _refuses(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    "handler",
    [
        lambda _request: httpx.Response(200, json=[]),
        lambda _request: httpx.Response(500, json={"error": "x"}),
        lambda _request: httpx.Response(401, text="no"),
        lambda _request: httpx.Response(200, text="<html>"),
        lambda _request: httpx.Response(200, json={"unexpected": 1}),
        lambda _request: httpx.Response(200, json=[{"text": "一", "buttons": [{"title": "无"}]}]),
        _times_out,
        _refuses,
    ],
    ids=["nothing said", "500", "401", "not JSON", "another form", "button without payload", "timeout", "not reached"],
)
def test_every_failure_is_one_error(rasa: Rasa, handler: Handler) -> None:
    rasa.handler = handler
    with pytest.raises(RasaUnavailable):
        converse("7.1", "你好", timeout=1)


@given(st.text(max_size=30).map(lambda text: f"/{text}") | st.text(max_size=30).map(lambda text: f" \n//{text}"))
def test_what_a_follower_writes_is_never_a_command(text: str) -> None:
    assert not client.as_text(text).strip().startswith("/")


def test_a_payload_of_ours_goes_as_it_is(rasa: Rasa) -> None:
    converse("7.1", '/policy_question{"question": "首贷"}', payload=True)
    assert rasa.said()["message"] == '/policy_question{"question": "首贷"}'


@pytest.mark.parametrize(
    ("text", "sent"), [("", "?"), ("  ", "?"), ("贷" * 5000, "贷" * 2000), ("/restart", "\N{FULLWIDTH SOLIDUS}restart")]
)
def test_odd_texts_reach_rasa_harmless(rasa: Rasa, text: str, sent: str) -> None:
    converse("7.1", text)
    assert rasa.said()["message"] == sent


def test_a_sender_always_goes_to_the_same_server_and_senders_spread(rasa: Rasa) -> None:
    for _ in range(2):
        for follower in range(20):
            converse(sender_id(follower, 0), "你好")
    hosts = [request.url.host for request in rasa.requests]
    assert hosts[:20] == hosts[20:]
    assert set(hosts) == {"one", "two"}


def test_a_sender_tells_its_follower() -> None:
    assert parse_sender(sender_id(12, 3)) == (12, 3)
    with pytest.raises(ValueError, match="default"):
        parse_sender("default.user")


def test_parse_leaves_the_fallback_out_of_the_ranking(rasa: Rasa) -> None:
    ranking = [{"name": "nlu_fallback", "confidence": 0.2}, {"name": "help", "confidence": 0.1}]
    rasa.handler = lambda _request: httpx.Response(200, json={"intent": ranking[0], "intent_ranking": ranking})
    parsed = parse("嗯")
    assert (parsed.intent, parsed.ranking) == ("nlu_fallback", (("help", 0.1),))


@pytest.mark.parametrize("body", [{"intent": {"name": None, "confidence": 0.0}}, [], {}])
def test_parse_without_a_model_is_a_failure(rasa: Rasa, body: object) -> None:
    rasa.handler = lambda _request: httpx.Response(200, json=body)
    with pytest.raises(RasaUnavailable):
        parse("你好")
