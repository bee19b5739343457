"""Kill -9 at any moment, under load: every message is answered once, in order. `make test-faults`."""

import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psutil
import pytest
from rich.console import Console
from rich.table import Table

from tests.faults import books
from tests.faults.crowd import Crowd
from tests.product import MARKS, Product, running_product
from tests.waiting import wait_until

# The victims of twelve kills: (process, which of its own). Gunicorn's parent and its worker die differently. Rasa needs
# twelve seconds to come back, so it dies least often.
VICTIMS = [("gateway", 0), ("gateway", -1), ("worker", 0), ("redis", 0)] * 2 + [("worker", 0), ("redis", 0)]
VICTIMS += [("actions", 0), ("rasa", 0)]
PAUSES = (2.0, 4.5)  # seconds between two kills
SETTLED_WITHIN = 90.0  # seconds; leases of killed processes run out within 30


@pytest.mark.timeout(1200)
def test_every_message_is_answered_once_whatever_is_killed(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    seed, kills = request.config.getoption("seed"), request.config.getoption("kills")
    random, var = Random(seed), tmp_path / "var"
    with running_product(var) as product:
        crowd = Crowd(product, Random(seed))
        crowd.start()
        try:
            killed = Counter(_kill(product, *victim, random.uniform(*PAUSES)) for victim in _victims(random, kills))
        finally:
            crowd.stop()
        wait_until(product.ready, 60)
        with contextlib.suppress(AssertionError):  # what is left over is said below, one by one
            wait_until(lambda: books.settled(product), SETTLED_WITHIN)
        found = books.compare(product)
        with capsys.disabled():
            _report(seed, killed, found)
        running = {name: len(processes) for name, processes in product.processes().items()}
        assert running == dict.fromkeys(MARKS, 1) | {"gateway": 2}
    assert not found.faults
    assert not _left_over(var)


def _victims(random: Random, kills: int) -> Iterator[tuple[str, int]]:
    rounds = (random.sample(VICTIMS, len(VICTIMS)) for _ in itertools.count())
    return itertools.islice(itertools.chain.from_iterable(rounds), kills)


def _kill(product: Product, name: str, which: int, pause: float) -> str:
    """Kill a process after `pause` seconds, but not before it is back from an earlier death; what it is called."""
    time.sleep(pause)
    wait_until(lambda: product.running(name), 60)
    product.processes()[name][which].kill()
    return f"{name} ({'parent' if which == 0 else 'child'})" if name == "gateway" else name


def _report(seed: int, killed: Counter[str], found: books.Findings) -> None:
    console = Console(soft_wrap=True, highlight=False)
    table = Table("killed", "times", "counted", "number", title=f"seed {seed}, {killed.total()} kills")
    rows = itertools.zip_longest(sorted(killed.items()), found.counts.items(), fillvalue=("", ""))
    for (name, times), (what, number) in rows:
        table.add_row(name, str(times), what, str(number))
    console.print(table)
    for fault in found.faults:
        console.print(fault, markup=False)


def _left_over(var: Path) -> list[psutil.Process]:
    """Processes of this product that outlived it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("TONGQI_VAR") == str(var):
                found.append(process)
    return found
