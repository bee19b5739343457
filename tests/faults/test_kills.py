"""Kill -9 at any moment, under load: every message is answered once, in order. `make test-faults`."""

import contextlib
import time
from collections import Counter
from pathlib import Path
from random import Random

import psutil
import pytest
from rich.console import Console

from tests.faults import books
from tests.faults.crowd import Crowd
from tests.product import MARKS, Product, running_product
from tests.waiting import wait_until

# (process, which of its own): gunicorn's parent and its worker die differently. Rasa needs twelve seconds to come back.
VICTIMS = (("gateway", 0), ("gateway", -1), ("worker", 0), ("redis", 0), ("actions", 0), ("rasa", 0))
SHARES = (3, 3, 3, 3, 2, 1)
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
            killed = Counter(_kill_one(product, random) for _ in range(kills))
        finally:
            crowd.stop()
        wait_until(product.ready, 60)
        with contextlib.suppress(AssertionError):  # what is left over is said below, one by one
            wait_until(lambda: books.settled(product), SETTLED_WITHIN)
        found = books.compare(product)
        with capsys.disabled():
            _report(seed, killed, found)
        assert {name: len(each) for name, each in product.processes().items()} == dict.fromkeys(MARKS, 1) | {
            "gateway": 2
        }
    assert not found.faults
    assert not _left_over(var)


def _kill_one(product: Product, random: Random) -> str:
    """Kill a process after a while; its name."""
    time.sleep(random.uniform(*PAUSES))
    name, which = random.choices(VICTIMS, SHARES)[0]
    wait_until(lambda: product.processes()[name], 30)
    victim = product.processes()[name][which]
    victim.kill()
    return f"{name} ({'parent' if which == 0 else 'child'})" if name == "gateway" else name


def _report(seed: int, killed: Counter[str], found: books.Findings) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"\nseed {seed}; killed {killed.total()}: {', '.join(f'{name} {n}' for name, n in killed.items())}")
    console.print("; ".join(f"{name}: {count}" for name, count in found.counts.items()))
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
