"""Carrying a push to the webhook: five seconds for an answer, three tries of the same message, then a fault."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from core.clock import local_now, now
from core.settings import Settings
from sandbox import push, reply
from sandbox.push import Envelope, Fields
from sandbox.reply import BadReply, Reply

MAX_ANSWER = 128 * 1024  # bytes read of an answer; a passive reply is a few KB
KEPT = 300  # tries in the log
ONE_ARTICLE = {"text", "image", "voice", "video", "location"}  # kinds that are answered with at most one article


@dataclass(frozen=True)
class Patience:
    """How long WeChat waits, in seconds, and how often it tries.

    Five seconds and three tries are the platform's documentation. The pause after a refusal or an error that came
    quickly is ours: developers report tries three to five seconds apart, which a person at the page would find long.
    """

    answer: float = 5.0
    pause: float = 1.0
    tries: int = 3


@dataclass(frozen=True)
class Outcome:
    """How a push ended: the account's reply, if any, or the fault, and the number of tries."""

    tries: int
    reply: Reply | None = None
    fault: str = ""


class _NoAnswer(Exception):
    """The webhook was late, unreachable, or answered with an error: worth another try."""


class Courier:
    """Delivers pushes and keeps a log of the last tries. Thread-safe."""

    def __init__(self, settings: Settings, url: str, patience: Patience | None = None) -> None:
        self._settings = settings
        self._url = url
        self._patience = patience or Patience()
        # Connections are not kept: one that a restarted gateway has closed would cost a try.
        limits = httpx.Limits(max_keepalive_connections=0, max_connections=None)
        self._http = httpx.Client(timeout=self._patience.answer, limits=limits, trust_env=False)
        self._log: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def confirm(self) -> str:
        """Do the URL verification; "" if the webhook echoed as it should, else what is wrong, in Chinese."""
        echo = "tongqi-sandbox-echo"
        query = push.seal({"MsgType": "event"}, "", now(), self._settings).query
        query = {name: query[name] for name in ("signature", "timestamp", "nonce")} | {"echostr": echo}
        try:
            answer = self._http.get(self._url, params=query)
        except httpx.HTTPError:
            return "公众号服务还没有启动好"
        if answer.status_code == httpx.codes.OK and answer.text == echo:
            return ""
        return f"公众号没有通过接口验证(HTTP {answer.status_code}),请检查 WECHAT_TOKEN 设置"

    def deliver(self, openid: str, fields: Fields, on_try: Callable[[int], None] = lambda _try: None) -> Outcome:
        """Deliver a push (from `push.addressed`) until it is answered or the tries are used up.

        `on_try` is told the number of each try as it begins.
        """
        most_articles = 1 if fields["MsgType"] in ONE_ARTICLE else 8
        fault = ""
        for number in range(1, self._patience.tries + 1):
            on_try(number)
            began = time.monotonic()
            envelope = push.seal(fields, openid, now(), self._settings)
            entry = self._note(openid, number, fields, envelope)
            try:
                body = self._post(envelope, entry)
                return Outcome(number, reply.read(body, openid, most_articles, self._settings))
            except BadReply as error:
                # An answer in time ends it, however wrong it is: WeChat shows the fault and does not ask again.
                entry["fault"] = fault = str(error)
                return Outcome(number, fault=fault)
            except _NoAnswer as error:
                entry["fault"] = fault = str(error)
            finally:
                entry["ms"] = round((time.monotonic() - began) * 1000)
            if number < self._patience.tries and entry["ms"] < self._patience.answer * 1000:
                time.sleep(self._patience.pause)
        return Outcome(self._patience.tries, fault=fault)

    def log(self) -> list[dict[str, Any]]:
        """The last tries, newest first."""
        with self._lock:
            return [dict(entry) for entry in reversed(self._log)]

    def _note(self, openid: str, number: int, fields: Fields, envelope: Envelope) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "id": next(self._numbers),
            "at": local_now().isoformat(timespec="milliseconds"),
            "openid": openid,
        }
        entry |= {"try": number, "method": "POST", "query": envelope.query, "body": envelope.body}
        entry |= {"push": fields, "status": None, "answer": None, "ms": None, "fault": None}
        with self._lock:
            self._log.append(entry)
        return entry

    def _post(self, envelope: Envelope, entry: dict[str, Any]) -> bytes:
        deadline = time.monotonic() + self._patience.answer
        headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}  # as WeChat's servers send
        try:
            with self._http.stream(
                "POST", self._url, params=envelope.query, content=envelope.body.encode(), headers=headers
            ) as answer:
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    # httpx limits each read; a body that trickles must not outlast the deadline either.
                    if time.monotonic() > deadline:
                        raise _NoAnswer("no whole answer in time")
                    if len(body) > MAX_ANSWER:
                        raise BadReply("answer too large")
        except httpx.TimeoutException as error:
            raise _NoAnswer("no answer in time") from error
        except httpx.HTTPError as error:
            raise _NoAnswer(f"not reachable: {type(error).__name__}") from error
        entry |= {"status": answer.status_code, "answer": body.decode(errors="replace")}
        if time.monotonic() > deadline:
            raise _NoAnswer("no answer in time")
        if answer.status_code != httpx.codes.OK:
            raise _NoAnswer(f"HTTP {answer.status_code}")
        return body
