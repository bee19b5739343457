"""The supervisor of `tongqi run`, with small real processes."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from app import supervisor as subject
from app.health import Check
from app.supervisor import Process, Supervisor
from tests.waiting import free_port, wait_until

# Writes its process number to a file once it runs, then notes the signal that ends it and goes.
WORKER = """
import os, signal, sys, time
name, folder = sys.argv[1:]
def end(*_):
    open(f"{folder}/ended", "a").write(name + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
open(f"{folder}/started", "a").write(name + " ")
open(f"{folder}/{name}.pid", "w").write(str(os.getpid()))
while True: time.sleep(60)
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


class Trial:
    """A supervisor in a thread of its own, and what it said."""

    def __init__(self, folder: Path, processes: list[Process], check: Callable[[str], Check] | None = None) -> None:
        self.folder, self.lines, self.all_ready = folder, list[str](), threading.Event()
        self.supervisor = Supervisor(
            processes, folder / "log", check or self.has_started, self.all_ready.set, self.lines.append
        )
        self._thread = threading.Thread(target=self.supervisor.run)
        self._thread.start()

    def has_started(self, name: str) -> Check:
        return Check(self.pid(name) != 0 and psutil.pid_exists(self.pid(name)))

    def pid(self, name: str) -> int:
        """Process number that a worker noted last; 0 before."""
        path = self.folder / f"{name}.pid"
        return int(path.read_text() or 0) if path.exists() else 0

    def said(self, *words: str) -> bool:
        return any(all(word in line for word in words) for line in self.lines)

    def stop(self, seconds: float = 5.0) -> None:
        self.supervisor.stop()
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"not stopped within {seconds} s: {self.lines}"


Start = Callable[..., Trial]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    trials = []

    def begin(*processes: Process, check: Callable[[str], Check] | None = None) -> Trial:
        trials.append(Trial(tmp_path, list(processes), check))
        return trials[-1]

    yield begin
    for trial in trials:
        trial.stop(20)


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def worker(name: str, folder: Path, after: tuple[str, ...] = ()) -> Process:
    return Process(name, (sys.executable, "-c", WORKER, name, str(folder)), after=after)


def test_a_killed_process_is_started_again(start: Start, tmp_path: Path) -> None:
    trial = start(worker("bee", tmp_path))
    wait_until(trial.all_ready.is_set)
    first = trial.pid("bee")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: trial.pid("bee") not in (first, 0))
    wait_until(lambda: sum("bee is ready" in line for line in trial.lines) == 2)
    assert trial.said("bee was ended by SIGKILL", "next try in 0.2 s")


def test_a_process_steps_back_as_far_as_it_is_told(start: Start, tmp_path: Path) -> None:
    trial = start(replace(worker("bee", tmp_path), nice=5))
    wait_until(trial.all_ready.is_set)
    assert psutil.Process(trial.pid("bee")).nice() == psutil.Process().nice() + 5


def test_what_a_dead_process_leaves_behind_is_ended(start: Start, tmp_path: Path) -> None:
    parent = textwrap.dedent(f"""
        import subprocess, sys, time
        subprocess.Popen([sys.executable, "-c", {WORKER!r}, "child", {str(tmp_path)!r}])
        time.sleep(60)
    """)
    trial = start(Process("child", (sys.executable, "-c", parent)))
    wait_until(trial.all_ready.is_set)
    orphan = psutil.Process(trial.pid("child"))
    os.kill(orphan.ppid(), signal.SIGKILL)
    wait_until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)


def test_a_process_starts_when_those_it_needs_are_ready_and_ends_before_them(start: Start, tmp_path: Path) -> None:
    trial = start(worker("late", tmp_path, after=("early",)), worker("early", tmp_path))
    wait_until(trial.all_ready.is_set)
    trial.stop()
    assert (tmp_path / "started").read_text() == "early late "
    assert (tmp_path / "ended").read_text() == "late early "


def test_nothing_is_ready_before_its_check_says_so(start: Start, tmp_path: Path) -> None:
    answers = {"bee": Check(False, "no answer", "wait")}
    trial = start(worker("bee", tmp_path), check=answers.__getitem__)
    wait_until(lambda: trial.pid("bee"))
    assert not trial.all_ready.is_set()
    answers["bee"] = Check(True)
    wait_until(trial.all_ready.is_set)


def test_a_process_that_takes_long_is_explained(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "PATIENCE", 0.1)
    trial = start(worker("bee", tmp_path), check=lambda _: Check(False, "no model", "train one"))
    wait_until(lambda: trial.said("bee is not ready yet", "no model", "train one"))


def test_a_process_that_does_not_end_is_killed(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "STOP_WITHIN", 0.3)
    monkeypatch.setattr(subject, "LAST_MOMENT", 0.1)
    trial = start(Process("deaf", (sys.executable, "-c", STUBBORN)), check=lambda _: Check(True))
    wait_until(partial(_holds, tmp_path / "log" / "deaf.log", "deaf\n"))
    trial.stop(5)
    assert trial.said("deaf does not end by itself and is killed")


def test_a_process_that_fails_shows_why_and_is_tried_more_slowly(start: Start) -> None:
    trial = start(
        Process("bad", (sys.executable, "-c", "print('no such file'); raise SystemExit(3)")),
        check=lambda _: Check(False),
    )
    wait_until(lambda: trial.said("bad ended with status 3", "next try in 1 s"))
    assert trial.said("bad ended with status 3", "next try in 0.5 s")
    assert trial.said("bad.log", "| no such file")


def test_connections_wait_while_a_process_that_listens_is_replaced(start: Start) -> None:
    echo = """if True:
        import os, socket, sys
        with socket.socket(fileno=int(sys.argv[1])) as listener:
            while True:
                connection, _ = listener.accept()
                connection.sendall(str(os.getpid()).encode())
                connection.close()
    """
    port = free_port()
    command = (sys.executable, "-c", echo, subject.LISTENER)

    def answering() -> int:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            return int(connection.recv(20))

    trial = start(Process("echo", command, listen=("127.0.0.1", port)), check=lambda _: Check(True))
    wait_until(trial.all_ready.is_set)
    first = psutil.Process(answering())
    first.kill()
    wait_until(lambda: not first.is_running() or first.status() == psutil.STATUS_ZOMBIE)
    assert answering() != first.pid


def test_a_taken_address_is_an_error(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        process = Process("echo", (sys.executable,), listen=holder.getsockname())
        with pytest.raises(OSError, match="in use"):
            Supervisor([process], tmp_path / "log", lambda _: Check(True)).run()


def test_a_command_that_does_not_exist_hinders_no_other(start: Start, tmp_path: Path) -> None:
    trial = start(Process("ghost", (str(tmp_path / "nothing"),)), worker("bee", tmp_path))
    wait_until(lambda: trial.said("ghost cannot be started", "nothing"))
    wait_until(lambda: trial.said("bee is ready"))


def test_logs_of_earlier_runs_are_kept(tmp_path: Path) -> None:
    for run in range(6):
        process = Process(
            "echo", (sys.executable, "-c", f"import time; print('run {run}', flush=True); time.sleep(60)")
        )
        trial = Trial(tmp_path, [process], check=lambda _: Check(True))
        log = tmp_path / "log" / "echo.log"
        wait_until(partial(_holds, log, f"run {run}\n"))
        trial.stop()
    kept = {path.name: path.read_text().strip() for path in (tmp_path / "log").iterdir()}
    assert kept == {"echo.log": "run 5", "echo.log.1": "run 4", "echo.log.2": "run 3", "echo.log.3": "run 2"}


def test_children_end_when_the_supervisor_is_killed_outright(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from app.health import Check
        from app.supervisor import Process, Supervisor
        bee = Process("bee", (sys.executable, "-c", {WORKER!r}, "bee", {str(tmp_path)!r}))
        Supervisor([bee], Path({str(tmp_path)!r}), check=lambda _: Check(True)).run()
    """)
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
    pid_file = tmp_path / "bee.pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text())
    bee = psutil.Process(int(pid_file.read_text()))
    parent.kill()
    parent.wait()
    wait_until(lambda: not bee.is_running() or bee.status() == psutil.STATUS_ZOMBIE)
    assert (tmp_path / "ended").read_text() == "bee "
