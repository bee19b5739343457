"""How the outgoing APIs are called: one token, time limits, and named errors that say what to do about them.

wechatpy's own client is not used: it repeats a call without end on a permanent 40001, fetches tokens without a time
limit or a lock, and does not know stable_token.
"""

import json
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from redis import Redis

from core.logging import get_logger
from core.once import once
from core.settings import Settings, get_settings
from wechat_gateway.errors import TokenInvalid, Unreachable, WechatError, refusal
from wechat_gateway.token import SharedToken

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
UPLOAD_TIMEOUT = httpx.Timeout(30.0, connect=2.0)
DOWNLOAD_SECONDS = 30.0  # for a whole file
MAX_DOWNLOAD = 20 * 1024 * 1024  # bytes; the largest media WeChat takes are 10 MB
MAX_ERRMSG = 100  # characters
TOO_LARGE = 45001
JSON_TYPES = ("application/json", "text/json", "text/plain")
WECHAT = "https://api.weixin.qq.com"
WECHAT_PAGES = "https://mp.weixin.qq.com"  # pictures of QR codes are there

T = TypeVar("T")
log = get_logger()
# These two log whole addresses, and the token is part of each.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Answer(dict[str, Any]):
    """A JSON object as answered; what should be in it and is not makes it an answer that cannot be read."""

    def __missing__(self, key: str) -> Any:
        raise Unreachable(f"no {key} in the answer")


@dataclass(frozen=True)
class File:
    """What is uploaded."""

    name: str
    content: bytes
    content_type: str


def is_json(content: bytes | bytearray, content_type: str) -> bool:
    """Whether a download is an answer and no file; WeChat calls its answers text/plain now and then."""
    return content_type in JSON_TYPES and content.startswith(b"{")


class Transport:
    """Calls over HTTP in the way both platforms have: JSON, and refusals as an `errcode` in an answer of status 200."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def _refusal(self, code: int, detail: str, answer: Mapping[str, Any]) -> WechatError:
        return refusal(code, detail, answer)

    def _request(self, method: str, path: str, query: Mapping[str, str], *, secret: str, **options: Any) -> Answer:
        """One call. `secret` must not be seen in an error, whatever the answer says."""
        started = time.monotonic()
        outcome = "failed"
        try:
            response = self._http.request(method, path, params=query, **options)
            response.raise_for_status()
            answer = self._checked(response.content, secret)
            outcome = "ok"
        except httpx.HTTPError as error:
            outcome = type(error).__name__
            raise _unreachable(error) from None  # its text has the address, and that the token
        except WechatError as error:
            outcome = error.name
            raise
        finally:
            log.info("wechat called", path=path, outcome=outcome, ms=round((time.monotonic() - started) * 1000))
        return answer

    def _read(self, path: str, query: Mapping[str, str], limit: int) -> tuple[bytes, str]:
        """A file and its content type."""
        ends = time.monotonic() + DOWNLOAD_SECONDS
        content = bytearray()
        try:
            # No query at all leaves the one in the address alone; an empty one would take its place.
            with self._http.stream("GET", path, params=query or None) as response:
                response.raise_for_status()
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > limit:
                        raise self._refusal(TOO_LARGE, f"more than {limit} bytes", {})
                    if time.monotonic() > ends:
                        raise Unreachable(f"the file takes longer than {DOWNLOAD_SECONDS:.0f} s")
        except httpx.HTTPError as error:
            raise _unreachable(error) from None
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if is_json(content, content_type):  # a refusal, or the address of a video
            self._checked(bytes(content), query.get("access_token", ""))
        return bytes(content), content_type

    def _checked(self, content: bytes, secret: str) -> Answer:
        """The answer, unless it is no JSON object or says that the call was refused."""
        try:
            answer = json.loads(content, strict=False)  # WeChat leaves control characters as they are
            code = int(answer.get("errcode") or 0)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Unreachable("the answer is not a JSON object with a number as errcode") from None
        if code:
            detail = str(answer.get("errmsg", ""))
            detail = (detail.replace(secret, "***") if secret else detail)[:MAX_ERRMSG]
            raise self._refusal(code, detail, answer)
        return Answer(answer)


class ApiClient(Transport, ABC):
    """One account's API. Thread-safe; the token is shared by all processes through Redis."""

    def __init__(self, name: str, redis: Redis, http: httpx.Client) -> None:
        super().__init__(http)
        self._token = SharedToken(name, redis, self._fetch_token)

    def post(self, path: str, body: Mapping[str, Any], *, on_sent: Callable[[], None] | None = None) -> Answer:
        """Call `path` with JSON.

        Args:
            path: without the address of the server.
            body: sent as UTF-8 without escapes, which WeChat would show in menus as they are written.
            on_sent: called once, when the last byte has been handed to the network and before the answer is waited
                for: from then on the call may take effect. What it raises goes through.

        Raises:
            WechatError: refused or unreachable.
        """
        content = json.dumps(body, ensure_ascii=False).encode(errors="replace")  # half a surrogate pair is no text
        extensions = {"trace": _Departure(on_sent)} if on_sent else {}
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return self._call("POST", path, {}, content=content, headers=headers, extensions=extensions)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Call `path` with a query.

        Raises:
            WechatError: refused or unreachable.
        """
        return self._call("GET", path, query or {})

    def upload(self, path: str, file: File, query: Mapping[str, str] | None = None) -> Answer:
        """Send a file as the form field `media`.

        Raises:
            WechatError: refused or unreachable.
        """
        media = {"media": (file.name, file.content, file.content_type)}
        return self._call("POST", path, query or {}, files=media, timeout=UPLOAD_TIMEOUT)

    def download(self, path: str, query: Mapping[str, str], *, limit: int = MAX_DOWNLOAD) -> tuple[bytes, str]:
        """A file and its content type.

        Raises:
            WechatError: refused, unreachable, or more than `limit` bytes (45001).
        """
        return self._with_token(lambda token: self._read(path, {**query, "access_token": token}, limit))

    @abstractmethod
    def _fetch_token(self, force: bool) -> tuple[str, int]:
        """A token and the seconds it lasts; `force` asks for a new one though the old one has not ended."""

    def _call(self, method: str, path: str, query: Mapping[str, str], **options: Any) -> Answer:
        return self._with_token(
            lambda token: self._request(method, path, {**query, "access_token": token}, secret=token, **options)
        )

    def _with_token(self, call: Callable[[str], T]) -> T:
        """Call with the token; once more with another one if the platform refuses it and has another one."""
        token = self._token.get()
        try:
            return call(token)
        except TokenInvalid:
            renewed = self._token.renew(token)
            if renewed == token:
                raise
        return call(renewed)


class WechatClient(ApiClient):
    """The outgoing API of one official account; the calls themselves are in `calls/`."""

    def __init__(self, settings: Settings, redis: Redis, http: httpx.Client | None = None) -> None:
        base = settings.wechat_api_base_url
        super().__init__(settings.wechat_app_id, redis, http or httpx.Client(base_url=base, timeout=TIMEOUT))
        self.app_id = settings.wechat_app_id
        self.pages_url = WECHAT_PAGES if base == WECHAT else base.rstrip("/")
        self._secret = settings.wechat_app_secret

    def check(self) -> None:
        """Raise WechatError unless the account's credentials are accepted."""
        self._token.get()

    def public_file(self, url: str, *, limit: int = MAX_DOWNLOAD) -> bytes:
        """What lies at an address of WeChat's that needs no token.

        Raises:
            WechatError: refused, unreachable, or more than `limit` bytes (45001).
        """
        return self._read(url, {}, limit)[0]

    def _fetch_token(self, force: bool) -> tuple[str, int]:
        secret = self._secret.get_secret_value()
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": secret, "force_refresh": force}
        answer = self._request("POST", "/cgi-bin/stable_token", {}, secret=secret, json=body)
        return str(answer["access_token"]), int(answer.get("expires_in", 7200))


class _Departure:
    """Watches a request go out, once: a repetition with a new token tells nothing more."""

    def __init__(self, on_sent: Callable[[], None]) -> None:
        self._on_sent: Callable[[], None] | None = on_sent
        self._ours = False

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpcore at each step; a proxy is sent a CONNECT first, in the same steps."""
        if event == "http11.send_request_body.started":
            self._ours = info["request"].method != b"CONNECT"
        elif event == "http11.send_request_body.complete" and self._ours and self._on_sent:
            on_sent, self._on_sent = self._on_sent, None
            on_sent()


def _unreachable(error: httpx.HTTPError) -> Unreachable:
    if isinstance(error, httpx.HTTPStatusError):
        return Unreachable(f"HTTP {error.response.status_code}")
    return Unreachable(type(error).__name__)


@once
def get_client() -> WechatClient:
    """The client of this process."""
    settings = get_settings()
    redis = Redis.from_url(settings.redis_address, socket_timeout=2, socket_connect_timeout=2)
    return WechatClient(settings, redis)
