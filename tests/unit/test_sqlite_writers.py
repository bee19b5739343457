"""Writers of a SQLite database take turns, over threads and processes."""

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.sqlite_writers import turn_to_write
from tests.waiting import wait_until

HOLD = """
import sys
from core.sqlite_writers import turn_to_write
with turn_to_write(sys.argv[1], 2.0, urgent=False):
    print("holds it", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def database(tmp_path: Path) -> str:
    return str(tmp_path / "some.db")


def test_one_writes_at_a_time(database: str) -> None:
    writing: list[int] = []
    most: list[int] = []

    def write(number: int) -> None:
        for _ in range(20):
            with turn_to_write(database, 10.0, urgent=number == 0):
                writing.append(number)
                most.append(len(writing))
                writing.remove(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (120, 1)


def test_who_cannot_wait_comes_before_those_who_wait(database: str) -> None:
    order: list[str] = []
    asking = threading.Event()

    def write(name: str, urgent: bool) -> None:
        if urgent:
            asking.set()
        with turn_to_write(database, 10.0, urgent=urgent):
            order.append(name)
            asking.wait(10)

    threads = [threading.Thread(target=write, args=(str(number), False)) for number in range(20)]
    for thread in threads:
        thread.start()
    wait_until(lambda: order)
    threads.append(threading.Thread(target=write, args=("urgent", True)))
    threads[-1].start()
    for thread in threads:
        thread.join()
    # One stands at the front when it comes, and a few may pass before it is there itself.
    assert order.index("urgent") < 10


def test_another_process_is_waited_for_no_longer_than_said(database: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holds it\n"
        with pytest.raises(PoolTimeout, match="other processes"), turn_to_write(database, 0.05, urgent=True):
            pass
        with suppress(BrokenPipeError):
            holder.stdin.write("\n")
            holder.stdin.flush()
        with turn_to_write(database, 10.0, urgent=False):
            pass


def test_a_killed_process_holds_nothing(database: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        with turn_to_write(database, 10.0, urgent=False):
            pass


def test_a_missing_folder_is_left_to_the_database_to_complain_of() -> None:
    with turn_to_write("/nowhere/some.db", 1.0, urgent=False):
        pass
