"""A webhook for tests of the WeChat stand-in: a real HTTP server that answers each delivery as it was told."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Answer = Callable[["Delivery"], bytes | None]


@dataclass
class Delivery:
    """One POST."""

    query: dict[str, str]
    body: str

    def value(self, name: str) -> str:
        """The text of an element of plain XML; "" if there is none."""
        found = re.search(rf"<{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</{name}>", self.body, re.DOTALL)
        return found[1] if found else ""

    def reply(self, content: str) -> bytes:
        """A passive text reply to it."""
        return (
            f"<xml><ToUserName>{self.value('FromUserName')}</ToUserName>"
            f"<FromUserName>{self.value('ToUserName')}</FromUserName><CreateTime>1714037059</CreateTime>"
            f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content></xml>"
        ).encode()


@dataclass
class Webhook:
    """`answer` gives a delivery's answer; None: hang until the test ends."""

    answer: Answer = lambda _delivery: b"success"
    echo: bool = True
    url: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


class Server(ThreadingHTTPServer):
    """Takes many connections at once, as a real one does."""

    request_queue_size = 256


@contextmanager
def webhook(answer: Answer | None = None) -> Iterator[Webhook]:
    """A running webhook."""
    stub = Webhook() if answer is None else Webhook(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.respond(self.query()["echostr"].encode() if stub.echo else b"", 200 if stub.echo else 403)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            delivery = Delivery(self.query(), body)
            stub.deliveries.append(delivery)
            answer = stub.answer(delivery)
            if answer is None:
                stub.ended.wait()
            else:
                self.respond(answer)

        def respond(self, body: bytes, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def query(self) -> dict[str, str]:
            return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = Server(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_address[1]}/wechat"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield stub
    finally:
        stub.ended.set()
        server.shutdown()
        server.server_close()
