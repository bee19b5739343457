"""A cheap load, so that the cores are left to what is measured: raw HTTP over asyncio, each push signed and unique."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from wechat_gateway import crypto

WITHIN, TRIES, PAUSE = 5.0, 3, 1.0  # seconds WeChat waits for an answer, how often it tries, seconds between errors

Send = Callable[[bytes], Awaitable[tuple[int, bytes]]]


@dataclass(frozen=True)
class Push:
    """A push from one follower."""

    openid: str
    xml: str

    @classmethod
    def text(cls, openid: str, content: str, number: int) -> "Push":
        """A text message."""
        fields = f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content><MsgId>{number}</MsgId>"
        return cls(openid, _wrap(openid, fields))

    @classmethod
    def click(cls, openid: str, key: str) -> "Push":
        """A menu click."""
        fields = f"<MsgType>event</MsgType><Event>CLICK</Event><EventKey>{key}</EventKey>"
        return cls(openid, _wrap(openid, fields))


@dataclass(frozen=True)
class Outcome:
    """How a push ended.

    Attributes:
        status: HTTP status; 0: not reached or cut off; -1: no answer within five seconds, at the last try.
        body: what was answered.
        seconds: from the first try to the end.
        tries: how often it was delivered.
    """

    openid: str
    status: int
    body: bytes
    seconds: float
    tries: int

    @property
    def passive(self) -> bool:
        """Whether the answer came along."""
        return self.status == 200 and self.body.startswith(b"<")


class Webhook:
    """The address that pushes go to, and the token they are signed with."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self._path, self._token = parts.path, token

    def request(self, push: Push) -> bytes:
        """The bytes of one try, with a time stamp and a nonce of its own."""
        stamp, nonce, body = str(int(time.time())), str(secrets.randbelow(10**10)), push.xml.encode()
        query = f"signature={crypto.signature(self._token, stamp, nonce)}&timestamp={stamp}&nonce={nonce}"
        return post(f"{self._path}?{query}&openid={push.openid}", body, "text/xml")


def post(path: str, body: bytes, kind: str) -> bytes:
    """The bytes of a POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: load\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection:
    """A connection that is kept open, and opened again when the server has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """(status, body).

        Raises:
            OSError, EOFError: not reached, or cut off.
        """
        if self._streams is not None:
            try:
                return await self._exchange(request)
            except (OSError, EOFError):  # closed while idle
                self.close()
        self._streams = await asyncio.open_connection(*self._address)
        return await self._exchange(request)

    def close(self) -> None:
        """Close it, whatever is under way."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        return int(head.split(maxsplit=2)[1]), await reader.readexactly(length)


async def deliver(webhook: Webhook, push: Push, connection: Connection) -> Outcome:
    """Deliver as WeChat does: five seconds for an answer, three tries."""
    started, status, body = time.monotonic(), 0, b""
    for number in range(1, TRIES + 1):
        try:
            status, body = await asyncio.wait_for(connection.send(webhook.request(push)), WITHIN)
        except TimeoutError:
            status, body = -1, b""
            connection.close()
        except (OSError, EOFError):
            status, body = 0, b""
            connection.close()
        if status == 200:
            break
        if status != -1 and number < TRIES:
            await asyncio.sleep(PAUSE)
    return Outcome(push.openid, status, body, time.monotonic() - started, number)


async def closed_loop(
    webhook: Webhook, pushes: Iterator[Push], connections: int, seconds: float
) -> tuple[list[Outcome], float]:
    """(outcomes, seconds it took): as many pushes under way as there are connections, each answered before the next."""
    outcomes, started = [], time.monotonic()

    async def work() -> None:
        connection = Connection(webhook.host, webhook.port)
        while time.monotonic() - started < seconds:
            outcomes.append(await deliver(webhook, next(pushes), connection))
        connection.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return outcomes, time.monotonic() - started


async def open_loop(webhook: Webhook, pushes: Iterator[Push], rate: float, seconds: float) -> list[Outcome]:
    """So many pushes a second, whether the earlier ones are answered or not, each on a connection of its own."""
    started, under_way = time.monotonic(), []

    async def one(push: Push) -> Outcome:
        connection = Connection(webhook.host, webhook.port)
        try:
            return await deliver(webhook, push, connection)
        finally:
            connection.close()

    for number, push in zip(itertools.count(), pushes, strict=False):
        due = started + number / rate
        if due > started + seconds:
            break
        if (ahead := due - time.monotonic()) > 0:
            await asyncio.sleep(ahead)
        under_way.append(asyncio.create_task(one(push)))
    return await asyncio.gather(*under_way)


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _wrap(openid: str, fields: str) -> str:
    head = f"<ToUserName>gh_account</ToUserName><FromUserName>{openid}</FromUserName>"
    return f"<xml>{head}<CreateTime>{int(time.time())}</CreateTime>{fields}</xml>"
