"""Carrying a push to the webhook: five seconds for an answer, three tries of the same message, then a fault."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from core.clock import local_now, now
from core.settings import Settings
from sandbox.envelope import TYPES, Envelope, Format, seal
from sandbox.media import Media
from sandbox.push import Fields
from sandbox.reply import BadReply, Reader, Reply

MAX_ANSWER = 128 * 1024  # bytes read of an answer; a passive reply is a few KB
KEPT = 300  # tries in the log
OK = 200


@dataclass(frozen=True)
class Patience:
    """How long WeChat waits, in seconds, and how often it tries.

    Five seconds and three tries are the platform's documentation. The pause after a refusal or an error that came
    quickly is ours: developers report tries three to five seconds apart, which a person at the page would find long.
    So is the moment that a job (mass message, template, publication) takes until its event comes.
    """

    answer: float = 5.0
    pause: float = 1.0
    tries: int = 3
    job: float = 0.5


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

    def __init__(
        self,
        settings: Settings,
        url: str,
        patience: Patience | None = None,
        form: Format = "xml",
        media: Media | None = None,
    ) -> None:
        """`url`: the webhook; `media`: what passive replies may refer to (None: anything)."""
        self._settings = settings
        self._url = urlsplit(url)
        self._patience = patience or Patience()
        self._form = form
        self._reader = Reader(settings, form, media)
        self._log: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def confirm(self) -> str:
        """Do the URL verification; "" if the webhook echoed as it should, else what is wrong, in Chinese."""
        echo = "tongqi-sandbox-echo"
        query = seal({"MsgType": "event"}, "", now(), self._settings).query
        query = {name: query[name] for name in ("signature", "timestamp", "nonce")} | {"echostr": echo}
        try:
            status, body = self._request("GET", query)
        except (_NoAnswer, BadReply):
            return "公众号服务还没有启动好"
        if status == OK and body == echo.encode():
            return ""
        return f"公众号没有通过接口验证(HTTP {status}),请检查 WECHAT_TOKEN 设置"

    def deliver(self, openid: str, fields: Fields, on_try: Callable[[int], None] = lambda _try: None) -> Outcome:
        """Deliver a push (from `push.addressed`) until it is answered or the tries are used up.

        `on_try` is told the number of each try as it begins. Each has a timestamp and a nonce of its own.
        """
        fault = ""
        for number in range(1, self._patience.tries + 1):
            on_try(number)
            began = time.monotonic()
            envelope = seal(fields, openid, now(), self._settings, self._form)
            entry = self._note(openid, number, fields, envelope)
            try:
                body = self._post(envelope, entry)
                return Outcome(number, self._reader.read(body, fields))
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
        status, body = self._request("POST", envelope.query, envelope.body.encode())
        entry |= {"status": status, "answer": body.decode(errors="replace")}
        if status != OK:
            raise _NoAnswer(f"HTTP {status}")
        return body

    def _request(self, method: str, query: dict[str, str], body: bytes | None = None) -> tuple[int, bytes]:
        """One request on a connection of its own: a kept one that a restarted gateway has closed would cost a try."""
        deadline = time.monotonic() + self._patience.answer
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = kind(self._url.netloc, timeout=self._patience.answer)
        headers = {"Content-Type": TYPES[self._form], "User-Agent": "Mozilla/4.0"}  # as WeChat's servers send
        try:
            connection.request(method, f"{self._url.path}?{urlencode(query)}", body, headers)
            socket = connection.sock
            answer = connection.getresponse()
            read = b""
            # The time limit of a socket is for each read; a body that trickles must not outlast the deadline either.
            while (left := deadline - time.monotonic()) > 0:
                if not answer.isclosed():
                    socket.settimeout(left)
                piece = answer.read1(MAX_ANSWER)
                if not piece:
                    if answer.length:
                        raise _NoAnswer("answer cut short")
                    return answer.status, read
                read += piece
                if len(read) > MAX_ANSWER:
                    raise BadReply("answer too large")
        except TimeoutError as error:
            raise _NoAnswer("no answer in time") from error
        except (OSError, HTTPException) as error:
            raise _NoAnswer(f"not reachable: {type(error).__name__}") from error
        finally:
            connection.close()
        raise _NoAnswer("no whole answer in time")
