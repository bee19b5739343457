"""The gateway with real databases; only the dialogue and WeChat's servers are played."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from bot.client import RasaUnavailable, Reply
from conversations import attachments, dialogue, sending, typing_state
from core.settings import get_settings
from tests.pushes import Push
from wechat_gateway.client import WechatClient


class Dialogue:
    """Stands where Rasa stands: says what it is told to say, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[str], list[Reply]] = lambda text: [Reply(text=f"答:{text}")]

    def converse(
        self, sender: str, text: str, *, turn_id: int | None, timeout: float, payload: bool = False
    ) -> list[Reply]:
        self.asked.append(text)
        return self.answer(text)

    def fail(self, _text: str) -> list[Reply]:
        """An answer that never comes."""
        raise RasaUnavailable("down")


class Wechat:
    """WeChat's API: accepts, or refuses with the next error."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []  # of accepted customer-service messages
        self.typing: list[str] = []
        self.errors: list[int] = []
        self.tokens = 0
        self.media: dict[str, bytes] = {}
        self.before: Callable[[], None] = lambda: None  # what happens while a message is on its way

    @property
    def sent(self) -> list[tuple[str, str]]:
        """(openid, text) of each accepted text."""
        return [(body["touser"], body["text"]["content"]) for body in self.bodies if body["msgtype"] == "text"]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/stable_token":
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"token{self.tokens}", "expires_in": 7200})
        if self.errors:
            return httpx.Response(200, json={"errcode": self.errors.pop(0), "errmsg": "refused"})
        if request.url.path == "/cgi-bin/media/get":
            content = self.media.get(request.url.params["media_id"])
            if content is None:
                return httpx.Response(200, json={"errcode": 40007, "errmsg": "invalid media_id"})
            return httpx.Response(200, content=content, headers={"Content-Type": "image/jpeg"})
        body = json.loads(request.content)
        if request.url.path == "/cgi-bin/message/custom/typing":
            self.typing.append(body["touser"])
        else:
            self.before()
            self.bodies.append(body)
        return httpx.Response(200, json={"errcode": 0, "errmsg": "ok"})


@pytest.fixture
def dialogue_stub(monkeypatch: pytest.MonkeyPatch) -> Dialogue:
    stub = Dialogue()
    monkeypatch.setattr(dialogue, "converse", stub.converse)
    return stub


@pytest.fixture
def wechat(monkeypatch: pytest.MonkeyPatch, redis: object, database: str) -> Wechat:
    stub = Wechat()
    http = httpx.Client(base_url="http://wechat", transport=httpx.MockTransport(stub))
    client = WechatClient(get_settings(), redis, http)  # type: ignore[arg-type]
    for caller in (sending, attachments, typing_state):
        monkeypatch.setattr(caller, "get_client", lambda: client)
    return stub


@pytest.fixture
def gateway(database: str, dialogue_stub: Dialogue) -> Iterator[FlaskClient]:
    """A client of the gateway's application."""
    with create_app().test_client() as client:
        yield client


@pytest.fixture
def push(gateway: FlaskClient) -> Callable[[Push], str]:
    """Deliver a push; the body of the gateway's answer."""

    def deliver(push: Push) -> str:
        response = gateway.post("/wechat", query_string=push.args, data=push.body)
        assert response.status_code == 200
        body = response.get_data(as_text=True)
        response.close()  # WeChat has read it
        return body

    return deliver
