"""Calling WeChat: what is sent, what comes back, what must not be seen, and when a call has left."""

import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from core.settings import get_settings
from tests.waiting import wait_until
from tests.wechat_stub import NO_REDIS, WechatStub, client_of
from wechat_gateway.client import File, WechatClient
from wechat_gateway.errors import TokenInvalid, Unreachable, WechatError

PATH = "/cgi-bin/some/call"
pytestmark = pytest.mark.usefixtures("configure")


def test_json_goes_out_as_utf_8(stub: WechatStub, client: WechatClient) -> None:
    client.post(PATH, {"name": "创业贷款"})
    request = stub.calls()[0]
    assert "创业贷款".encode() in request.content
    assert b"\\u" not in request.content
    assert request.url.params["access_token"] == "TOKEN-1"


def test_half_a_surrogate_pair_does_not_stop_a_message(stub: WechatStub, client: WechatClient) -> None:
    client.post(PATH, {"name": "好\ud83d"})
    assert stub.body() == {"name": "好?"}


def test_the_token_is_asked_for_once(stub: WechatStub, client: WechatClient) -> None:
    for _ in range(3):
        client.get(PATH)
    assert stub.tokens() == [
        {
            "grant_type": "client_credential",
            "appid": "wx0123456789abcdef",
            "secret": "app-secret",
            "force_refresh": False,
        }
    ]


def test_a_query_goes_beside_the_token(stub: WechatStub, client: WechatClient) -> None:
    client.get(PATH, {"openid": "o-a"})
    assert dict(stub.calls()[0].url.params) == {"openid": "o-a", "access_token": "TOKEN-1"}


def test_a_refusal_is_an_error(stub: WechatStub, client: WechatClient) -> None:
    stub.answers[PATH] = [{"errcode": 43004, "errmsg": "require subscribe"}]
    with pytest.raises(WechatError) as caught:
        client.post(PATH, {})
    assert (caught.value.code, caught.value.detail) == (43004, "require subscribe")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>busy</html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"\xff\xfe{"),
        httpx.Response(200, text="[1]"),
        httpx.Response(200, text="null"),
        httpx.Response(200, text='{"errcode": "busy"}'),
        httpx.Response(502, text='{"errcode": 0}'),
        httpx.Response(302, headers={"Location": "http://elsewhere/"}),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("down"),
    ],
)
def test_what_cannot_be_read_is_no_answer(stub: WechatStub, client: WechatClient, answer: Any) -> None:
    stub.answers[PATH] = [answer]
    with pytest.raises(Unreachable):
        client.post(PATH, {})


@given(st.binary(max_size=200))
def test_any_answer_is_read_or_an_error_of_ours(content: bytes) -> None:
    stub = WechatStub()
    stub.answers[PATH] = [httpx.Response(200, content=content)]
    try:
        answer = client_of(stub).get(PATH)
    except WechatError:
        return
    assert isinstance(answer, dict)


def test_a_field_that_is_missing_is_no_answer(stub: WechatStub, client: WechatClient) -> None:
    with pytest.raises(Unreachable, match="ticket"):
        client.get(PATH)["ticket"]


def test_control_characters_in_an_answer_are_read(stub: WechatStub, client: WechatClient) -> None:
    stub.answers[PATH] = [httpx.Response(200, content=b'{"remark": "a\x08b"}')]
    assert client.get(PATH)["remark"] == "a\x08b"


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_stale_token_is_renewed_and_the_call_made_again(stub: WechatStub, client: WechatClient, code: int) -> None:
    stub.answers["/cgi-bin/stable_token"].append({"access_token": "TOKEN-2", "expires_in": 7200})
    stub.answers[PATH] = [{"errcode": code, "errmsg": "stale"}, {"errcode": 0, "found": True}]
    assert client.post(PATH, {"a": 1})["found"]
    assert [request.url.params["access_token"] for request in stub.calls()] == ["TOKEN-1", "TOKEN-2"]
    assert stub.body() == {"a": 1}


def test_a_token_that_is_refused_for_ever_ends_after_one_renewal(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/stable_token"].append({"access_token": "TOKEN-2", "expires_in": 7200})
    stub.answers[PATH] = [{"errcode": 40001, "errmsg": "stale"}]
    with pytest.raises(TokenInvalid):
        client.get(PATH)
    assert (len(stub.tokens()), len(stub.calls())) == (2, 2)


def test_without_another_token_the_call_is_not_repeated(stub: WechatStub, client: WechatClient) -> None:
    stub.answers[PATH] = [{"errcode": 40001, "errmsg": "stale"}]
    with pytest.raises(TokenInvalid):
        client.get(PATH)
    assert len(stub.calls()) == 1


def test_a_wrong_secret_is_said_and_not_tried_again(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/stable_token"] = [{"errcode": 40001, "errmsg": "invalid credential app-secret"}]
    with pytest.raises(TokenInvalid) as caught:
        client.check()
    assert len(stub.tokens()) == 1
    assert "app-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.ConnectError("TOKEN-1"),
        httpx.Response(200, text="TOKEN-1"),
        {"errcode": 48001, "errmsg": "TOKEN-1 may not"},
    ],
)
def test_no_error_shows_the_token(stub: WechatStub, client: WechatClient, answer: Any) -> None:
    stub.answers[PATH] = [answer]
    with pytest.raises(WechatError) as caught:
        client.get(PATH)
    shown = "".join(traceback.format_exception(caught.value))
    assert "TOKEN-1" not in shown


def test_no_log_shows_token_secret_or_openid(
    stub: WechatStub, client: WechatClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.answers[PATH] = [httpx.Response(500), {"errcode": 43004}, {"errcode": 0}]
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            try:
                client.post(PATH, {"touser": "o-abcdef"})
            except WechatError:
                continue
    shown = f"{logs}{caplog.text}"
    assert PATH in shown
    assert not [secret for secret in ("TOKEN-1", "app-secret", "o-abcdef") if secret in shown]


def test_a_file_goes_out_as_media(stub: WechatStub, client: WechatClient) -> None:
    client.upload(PATH, File("image.png", b"\x89PNG", "image/png"), {"type": "image"})
    request = stub.calls()[0]
    assert b'name="media"; filename="image.png"' in request.content
    assert request.url.params["type"] == "image"


def test_a_download_is_bytes_and_their_type(stub: WechatStub, client: WechatClient) -> None:
    stub.answers[PATH] = [httpx.Response(200, content=b"abc", headers={"Content-Type": "image/JPEG; q=1"})]
    assert client.download(PATH, {"media_id": "m"}) == (b"abc", "image/jpeg")


def test_a_refused_download_is_an_error(stub: WechatStub, client: WechatClient) -> None:
    refused = httpx.Response(
        200, content=b'{"errcode":40007,"errmsg":"invalid"}', headers={"Content-Type": "text/plain"}
    )
    stub.answers[PATH] = [refused]
    with pytest.raises(WechatError) as caught:
        client.download(PATH, {})
    assert caught.value.code == 40007


def test_a_text_file_is_no_refusal(stub: WechatStub, client: WechatClient) -> None:
    stub.answers[PATH] = [httpx.Response(200, text="经营计划")]
    assert client.download(PATH, {})[0].decode() == "经营计划"


def test_a_download_that_is_too_large_is_broken_off(stub: WechatStub, client: WechatClient) -> None:
    stub.answers[PATH] = [httpx.Response(200, content=b"x" * 11, headers={"Content-Type": "image/png"})]
    with pytest.raises(WechatError) as caught:
        client.download(PATH, {}, limit=10)
    assert (caught.value.code, caught.value.retryable) == (45001, False)


class Server:
    """A real HTTP server: `received` is set when a whole request is there, the answer waits for `go`."""

    def __init__(self) -> None:
        self.received = threading.Event()
        self.go = threading.Event()
        self.bodies: list[bytes] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path.startswith("/cgi-bin/stable_token"):
                    answer = b'{"access_token": "T", "expires_in": 7200}'
                else:
                    outer.bodies.append(body)
                    outer.received.set()
                    outer.go.wait(10)
                    answer = b'{"errcode": 0}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments: object) -> None:
                pass

        class QuietServer(ThreadingHTTPServer):
            def handle_error(self, *arguments: object) -> None:
                """A client that hangs up is part of a test."""

        self.http = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.go.set()
    server.http.shutdown()
    thread.join()
    server.http.server_close()


@pytest.fixture
def real_client(server: Server) -> Iterator[WechatClient]:
    with httpx.Client(base_url=server.url, timeout=10) as http:
        yield WechatClient(get_settings(), Redis.from_url(NO_REDIS), http)


def in_thread(function: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


def test_the_caller_hears_that_a_call_has_left_before_the_answer_is_there(
    server: Server, real_client: WechatClient
) -> None:
    left, answered = threading.Event(), threading.Event()
    body = {"text": "贷" * 100_000}  # more than one piece on the way

    def call() -> None:
        real_client.post(PATH, body, on_sent=left.set)
        answered.set()

    thread = in_thread(call)
    wait_until(left.is_set)
    assert not answered.is_set()
    wait_until(server.received.is_set)
    assert json.loads(server.bodies[0]) == body
    server.go.set()
    thread.join(10)
    assert answered.is_set()


def test_a_call_that_never_leaves_is_not_said_to_have_left(server: Server, real_client: WechatClient) -> None:
    real_client.check()
    server.http.shutdown()
    server.http.server_close()
    left: list[bool] = []
    with pytest.raises(Unreachable, match="ConnectError"):
        real_client.post(PATH, {}, on_sent=lambda: left.append(True))
    assert left == []


def test_what_the_caller_raises_on_leaving_goes_through(server: Server, real_client: WechatClient) -> None:
    server.go.set()

    def cannot_note() -> None:
        raise LookupError("disk full")

    with pytest.raises(LookupError):
        real_client.post(PATH, {}, on_sent=cannot_note)
