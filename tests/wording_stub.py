"""An endpoint that words answers, as far as tests need one: a real HTTP server with the OpenAI-compatible call."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Endpoint:
    """What it says next, and what it was asked.

    Attributes:
        says: the text it words an answer with; or the whole body of its answer, as bytes.
        status: of its answer.
        hangs: send nothing; `drips` a byte now and then, until the test ends.
    """

    url: str = ""
    says: str | bytes = ""
    status: int = 200
    hangs: bool = False
    drips: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


def completion(content: object) -> bytes:
    """The body of an answer with that content."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """A running endpoint."""
    stub = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            stub.paths.append(self.path)
            stub.keys.append(self.headers.get("Authorization") or "")
            stub.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if stub.hangs:
                stub.ended.wait()
            body = stub.says if isinstance(stub.says, bytes) else completion(stub.says)
            self.send_response(stub.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                while stub.drips and not stub.ended.wait(0.02):
                    self.wfile.write(b" ")
                self.wfile.write(body)
            except ConnectionError:
                pass  # the caller has given up

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stub.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield stub
    finally:
        stub.ended.set()
        server.shutdown()
        server.server_close()
