"""WeChat's outgoing API as far as answers need it, in the event loop of the load: it accepts and counts."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator

TOKEN = {"access_token": "sink", "expires_in": 7200}
ACCEPTED = {"errcode": 0, "errmsg": "ok"}


class Sink:
    """What was sent as customer-service messages: how often to whom, and which text how often to the same person."""

    def __init__(self) -> None:
        self.to: Counter[str] = Counter()
        self.texts: Counter[tuple[str, str]] = Counter()

    @property
    def doubles(self) -> int:
        """Messages that somebody got once more."""
        return sum(count - 1 for count in self.texts.values())

    @contextlib.asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Serve on loopback."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(head.lower().partition("content-length:")[2].partition("\r\n")[0] or 0)
                answer = json.dumps(self._answer(head.split()[1], await reader.readexactly(length))).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer))
        writer.close()

    def _answer(self, path: str, body: bytes) -> dict[str, object]:
        if path.startswith("/cgi-bin/stable_token"):
            return TOKEN
        if path.startswith("/cgi-bin/message/custom/send"):
            message = json.loads(body)
            self.to[message["touser"]] += 1
            self.texts[message["touser"], json.dumps(message[message["msgtype"]], sort_keys=True)] += 1
        return ACCEPTED
