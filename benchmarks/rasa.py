"""Rasa alone, over its REST channel: messages a second with eight clients, the actions answered at once by a stand-in."""

import asyncio
import contextlib
import itertools
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from app.commands.nlu import labelled
from benchmarks.load import Connection, percentile, post
from bot.rasa_process import rasa_command
from core.settings import ROOT, environment_with, get_settings
from nlu.serve import arguments
from tests.waiting import free_port, wait_until

CLIENTS, SECONDS, WARM_UP = 8, 20.0, 3.0
NOTHING = b'{"events": [], "responses": [{"text": "ok"}]}'  # what every action answers


def rate(model: Path, stock: bool) -> dict[str, float]:
    """Messages a second that a server with this model answers, and the milliseconds one takes.

    Args:
        stock: started with Rasa's own command, without what nlu/hot_spots.py relieves.
    """
    seconds = asyncio.run(_measure(model, stock))
    return {"messages/s, 8 clients": len(seconds) / SECONDS, "ms a message, p99": percentile(seconds, 0.99) * 1000}


async def _measure(model: Path, stock: bool) -> list[float]:
    actions = await asyncio.start_server(_act, "127.0.0.1", 0)
    async with actions:
        with _server(model, actions.sockets[0].getsockname()[1], stock) as port:
            await asyncio.to_thread(wait_until, lambda: _ready(port), 120)
            texts = itertools.cycle(labelled(ROOT / "nlu" / "dev" / "understanding.tsv")[1])
            await asyncio.gather(*(_converse(port, f"warm.{client}", texts, WARM_UP) for client in range(CLIENTS)))
            clients = (_converse(port, f"{client}.0", texts, SECONDS) for client in range(CLIENTS))
            return [seconds for taken in await asyncio.gather(*clients) for seconds in taken]


async def _converse(port: int, sender: str, texts: Iterator[str], seconds: float) -> list[float]:
    """One message after the other; the seconds each took. A client begins a new conversation every twenty messages."""
    connection, taken, began = Connection("127.0.0.1", port), [], time.monotonic()
    for number in itertools.count():
        started = time.monotonic()
        if started - began >= seconds:
            break
        message = {"sender": f"{sender}.{number // 20}", "message": next(texts)}
        status, _body = await connection.send(
            post("/webhooks/rest/webhook", json.dumps(message).encode(), "application/json")
        )
        if status != 200:
            raise RuntimeError(f"Rasa answers with status {status}")
        taken.append(time.monotonic() - started)
    connection.close()
    return taken


async def _act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The action server: says ok."""
    with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(NOTHING), NOTHING))
    writer.close()


@contextlib.contextmanager
def _server(model: Path, actions_port: int, stock: bool) -> Iterator[int]:
    """A Rasa server with this model and an empty history, started as the product or as Rasa starts it; yields its port."""
    with tempfile.TemporaryDirectory() as name:
        var, port = Path(name), free_port()
        (var / "models" / "rasa").mkdir(parents=True)
        (var / "models" / "rasa" / "model.tar.gz").symlink_to(model)
        (var / "models" / "e5-small").symlink_to(get_settings().tongqi_var / "models" / "e5-small")
        changed = {
            "tongqi_var": var,
            "rasa_tracker_url": f"sqlite:///{var / 'rasa.db'}",
            "actions_url": f"http://127.0.0.1:{actions_port}",
            "rasa_token": type(get_settings().rasa_token)(""),
        }
        command, environment = rasa_command(get_settings().model_copy(update=changed), port)
        if stock:
            python, _, _program, *given = command
            command = [python, "-m", *arguments(given, token=None)]
        with (var / "rasa.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  our own program
                command, env=environment_with(environment), cwd=ROOT, stdout=log, stderr=log
            )
        try:
            yield port
        finally:
            process.terminate()
            process.wait(15)


def _ready(port: int) -> bool:
    try:
        shown = httpx.post(f"http://127.0.0.1:{port}/model/parse", json={"text": "你好"}, timeout=5).json()
        return "intent_ranking" in shown
    except (httpx.HTTPError, ValueError):
        return False
