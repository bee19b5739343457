"""The gateway: an echo against WeRoBot and plain wechatpy, whole dialogue messages, ten times too many of them.

`python -m benchmarks.gateway [--seconds N] [echo] [dialogue] [overload] [several]`. Durable rows are included in every
figure of ours; the rivals store nothing. All run under gunicorn with the configuration of the product.
"""

import asyncio
import itertools
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.echoes import TOKEN
from benchmarks.load import Outcome, Push, Webhook, closed_loop, open_loop, percentile
from benchmarks.servers import ACCOUNT, product, serving
from benchmarks.sink import Sink
from core.settings import ROOT
from tests.postgres import start_postgres
from tests.waiting import free_port

CONNECTIONS = 16
DIALOGUE_CONNECTIONS = 8
WARM_UP = 2.0  # seconds not counted
OVERLOAD = 10  # times what was measured
PATIENCE = 60.0  # seconds without any further answer, until those who are left have none
SEVERAL = ((1, 1), (2, 1), (1, 2), (2, 2))  # gateway processes, Rasa servers

console = Console(soft_wrap=True, highlight=False)


@dataclass(frozen=True)
class Measured:
    """Answered pushes a second, and the seconds an answer took."""

    rate: float
    p50: float
    p99: float
    refused: int
    passive: float  # share that was answered in the same breath

    @classmethod
    def of(cls, outcomes: list[Outcome], seconds: float) -> "Measured":
        """The figures of a closed loop."""
        answered = [outcome for outcome in outcomes if outcome.status == 200]
        took = [outcome.seconds for outcome in answered] or [0.0]
        passive = sum(outcome.passive for outcome in answered) / (len(answered) or 1)
        refused = len(outcomes) - len(answered)
        return cls(len(answered) / seconds, percentile(took, 0.5), percentile(took, 0.99), refused, passive)


@click.command()
@click.option("--seconds", default=60.0, help="of the overload; the other loops take a third of it")
@click.argument("parts", nargs=-1, type=click.Choice(["echo", "dialogue", "overload", "several"]))
def main(seconds: float, parts: tuple[str, ...]) -> None:
    """Measure all parts, or those named."""
    wanted = parts or ("echo", "dialogue", "overload", "several")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "echo" in wanted:
            _show_echo(folder, seconds / 3)
        if {"dialogue", "overload"} & set(wanted):
            asyncio.run(_dialogue(folder / "var", seconds, overload="overload" in wanted))
        if "several" in wanted:
            _show_several(folder / "var", seconds / 3)


def _show_echo(folder: Path, seconds: float) -> None:
    table = Table("echo-like event, 16 connections", "per s", "p50 ms", "p99 ms", "refused", "/ WeRoBot", "/ wechatpy")
    found = {
        "WeRoBot in Flask": _echo("benchmarks.echoes:werobot_app()", folder / "werobot", {}, seconds),
        "wechatpy in Flask": _echo("benchmarks.echoes:wechatpy_app()", folder / "wechatpy", {}, seconds),
        "ours, SQLite": _echo("app.factory:create_app()", folder / "sqlite", ACCOUNT, seconds),
    }
    folder.joinpath("server").mkdir()
    url, stop = start_postgres(folder / "server")
    try:
        settings = ACCOUNT | {"DATABASE_URL": url}
        found["ours, PostgreSQL"] = _echo("app.factory:create_app()", folder / "postgres", settings, seconds)
    finally:
        stop()
    werobot, wechatpy = found["WeRoBot in Flask"].rate, found["wechatpy in Flask"].rate
    for name, one in found.items():
        ratios = (f"{one.rate / werobot:.2f}", f"{one.rate / wechatpy:.2f}")
        table.add_row(name, *_cells(one), *ratios)
    console.print(table)


def _echo(application: str, var: Path, settings: dict[str, str], seconds: float) -> Measured:
    """Clicks on a button that means nothing, each answered with a fixed text."""
    with serving(application, var, settings) as webhook:
        pushes = (Push.click(f"o-echo-{number % 500}", f"button {number}") for number in itertools.count())
        asyncio.run(closed_loop(webhook, pushes, CONNECTIONS, WARM_UP))
        return Measured.of(*asyncio.run(closed_loop(webhook, pushes, CONNECTIONS, seconds)))


async def _dialogue(var: Path, seconds: float, overload: bool) -> None:
    """Questions to the whole product; then more of them than it can answer."""
    port = free_port()
    sink = Sink()
    async with sink.listening(port):
        with product(var, port, 1, 1) as running:
            questions = _questions()
            webhook = Webhook(f"{running.gateway}/wechat", TOKEN)
            measured = await _ask(webhook, questions, seconds / 3)
            _show_dialogue({"1 gateway process, 1 Rasa server": measured})
            if overload:
                await _overload(webhook, questions, sink, OVERLOAD * measured.rate, seconds)


async def _ask(webhook: Webhook, questions: Iterator[Push], seconds: float) -> Measured:
    await closed_loop(webhook, questions, DIALOGUE_CONNECTIONS, WARM_UP)
    return Measured.of(*await closed_loop(webhook, questions, DIALOGUE_CONNECTIONS, seconds))


async def _overload(webhook: Webhook, questions: Iterator[Push], sink: Sink, rate: float, seconds: float) -> None:
    sink.to.clear()
    sink.texts.clear()
    began = time.monotonic()
    outcomes = await open_loop(webhook, questions, rate, seconds)
    asked = {outcome.openid for outcome in outcomes}
    missing = asked - {outcome.openid for outcome in outcomes if outcome.passive}
    left, changed = missing - sink.to.keys(), time.monotonic()
    while left and time.monotonic() - changed < PATIENCE:
        await asyncio.sleep(1)
        if left - sink.to.keys() != left:
            left, changed = left - sink.to.keys(), time.monotonic()
    statuses = Counter(outcome.status for outcome in outcomes)
    tries = Counter(outcome.tries for outcome in outcomes)
    slowest = max(outcome.seconds for outcome in outcomes if outcome.tries == 1)
    console.print(
        f"\noverload, {rate:.0f} messages a second for {seconds:.0f} s, each from another follower: {len(outcomes)} sent, "
        f"{len(outcomes) - statuses[200]} refused or given up ({dict(statuses)}), "
        f"{len(outcomes) - tries[1]} without an answer within 5 s at the first try ({dict(sorted(tries.items()))}), "
        f"slowest answer to a first try {slowest:.2f} s; "
        f"answered in the same breath {len(asked) - len(missing)}, later {len(missing & sink.to.keys())}, "
        f"never {len(missing - sink.to.keys())}, texts sent twice {sink.doubles}; "
        f"the last answer {changed - began:.0f} s after the first message"
    )


def _show_several(var: Path, seconds: float) -> None:
    found = {}
    for gateways, servers in SEVERAL:
        found[f"{gateways} gateway process(es), {servers} Rasa server(s)"] = asyncio.run(
            _several(var, gateways, servers, seconds)
        )
    _show_dialogue(found)


async def _several(var: Path, gateways: int, servers: int, seconds: float) -> Measured:
    port = free_port()
    async with Sink().listening(port):
        with product(var, port, gateways, servers) as running:
            return await _ask(Webhook(f"{running.gateway}/wechat", TOKEN), _questions(), seconds)


def _show_dialogue(found: dict[str, Measured]) -> None:
    table = Table("dialogue message, 8 connections", "per s", "p50 ms", "p99 ms", "refused", "passive", "ratio")
    first = next(iter(found.values()))
    for name, one in found.items():
        table.add_row(name, *_cells(one), f"{one.passive:.0%}", f"{one.rate / first.rate:.2f}")
    console.print(table)


def _cells(one: Measured) -> tuple[str, ...]:
    return f"{one.rate:.1f}", f"{one.p50 * 1000:.1f}", f"{one.p99 * 1000:.1f}", str(one.refused)


def _questions() -> Iterator[Push]:
    """Questions without end, each from another follower: what WeChat allows a follower is no limit here."""
    run = time.time_ns()
    lines = (ROOT / "knowledge" / "dev" / "queries.jsonl").read_text("utf-8").splitlines()
    texts = itertools.cycle(json.loads(line)["text"] for line in lines)
    for number, text in enumerate(texts):
        yield Push.text(f"o-{run}-{number}", text, run + number)


if __name__ == "__main__":
    main()
