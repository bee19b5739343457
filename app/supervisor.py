"""Keeps processes running: starts them in order, tells when each is ready, starts again what dies, stops all of them."""

import contextlib
import ctypes
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from app.health import Check
from core.settings import ROOT, environment_with

STOP_WITHIN = 7.0  # seconds that the processes have to end by themselves before they are killed
LAST_MOMENT = 1.5  # seconds that one has at least, though another one ended late
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds before a dead process is started again; doubled each time
STEADY = 60.0  # seconds after which a process counts as sound, and its earlier deaths as forgotten
MANY_DEATHS = 5  # in a row, until the log is shown
PATIENCE = 60.0  # seconds without being ready, until the reason is shown
LOOK_EVERY = 0.3  # seconds between two looks at readiness
KEPT_LOGS, SHOWN_LINES = 3, 8

Say = Callable[[str], None]

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # looked up here, not after a fork


@dataclass(frozen=True)
class Process:
    """One program to keep running.

    Attributes:
        environment: variables besides those of this process.
        after: names of the processes that must be ready before it starts, and that are stopped after it.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()


class Supervisor:
    """Runs processes, each watched by a thread of its own, until `stop` is called.

    Args:
        processes: what to run.
        logs: folder of `<name>.log`, the output of each process; those of earlier runs stay as `<name>.log.1` and so on.
        check: tells whether the named process is ready.
        ready: called once, when all are ready for the first time.
        say: shows a line.
    """

    def __init__(
        self,
        processes: list[Process],
        logs: Path,
        check: Callable[[str], Check],
        ready: Callable[[], None] = lambda: None,
        say: Say = click.echo,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._say, self._announce, self._announcing = say, ready, threading.Lock()
        self._stopping = threading.Event()
        # Not the event itself: a signal handler that sets an event its own thread waits for can block for ever.
        self._stop_wanted = queue.SimpleQueue[None]()
        self._keepers = [_Keeper(process, logs, check, self._one_ready, say, self._stopping) for process in processes]
        by_name = {keeper.name: keeper for keeper in self._keepers}
        for keeper in self._keepers:
            keeper.needs = [by_name[name] for name in keeper.process.after]
        self._not_ready = set(by_name)

    def run(self) -> None:
        """Start everything and stay until `stop`; then all processes have ended."""
        for keeper in self._keepers:
            keeper.start()
        self._stop_wanted.get()
        self._stopping.set()
        self._say("stopping ...")
        self._end_all()
        self._say("stopped")

    def stop(self) -> None:
        """Let `run` end; may be called from a signal handler or another thread."""
        self._stop_wanted.put(None)

    def _one_ready(self, name: str) -> None:
        with self._announcing:
            if self._not_ready:
                self._not_ready.discard(name)
                if not self._not_ready:
                    self._announce()

    def _end_all(self) -> None:
        """Ask all processes to end, those that others need after these; kill what does not."""
        kill_at: dict[str, float] = {}
        deadline = time.monotonic() + STOP_WITHIN
        while left := [keeper for keeper in self._keepers if keeper.is_alive()]:
            now = time.monotonic()
            needed = {need.name for keeper in left for need in keeper.needs}
            for keeper in left:
                if keeper.name not in kill_at and keeper.name not in needed:
                    keeper.send(signal.SIGTERM)
                    kill_at[keeper.name] = max(deadline, now + LAST_MOMENT)
                elif now > kill_at.get(keeper.name, math.inf):
                    self._say(f"{keeper.name} does not end by itself and is killed")
                    keeper.send(signal.SIGKILL)
                    kill_at[keeper.name] = math.inf
            left[0].join(timeout=0.05)


class _Keeper(threading.Thread):
    """Keeps one process running. Outlives each child: the kernel ties a child's death signal to the thread that forked."""

    def __init__(
        self,
        process: Process,
        logs: Path,
        check: Callable[[str], Check],
        ready: Callable[[str], None],
        say: Say,
        stopping: threading.Event,
    ) -> None:
        super().__init__(name=process.name, daemon=True)
        self.process, self.needs = process, list[_Keeper]()
        self._log, self._check, self._ready, self._say = logs / f"{process.name}.log", check, ready, say
        self._stopping, self._was_ready = stopping, threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()  # a child is started, or signalled, or neither

    def run(self) -> None:
        """Start, watch, start again."""
        if not all(need.await_ready() for need in self.needs):
            return
        _rotate(self._log)
        deaths = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                ended = self._live(started)
            except OSError as error:
                ended = f"cannot be started ({error.strerror}: {error.filename})"
            if self._stopping.is_set():
                return
            deaths = 1 if time.monotonic() - started > STEADY else deaths + 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (deaths - 1))
            self._say(f"{self.name} {ended}; next try in {pause:g} s")
            if deaths % MANY_DEATHS == 0 or (deaths == 1 and not self._was_ready.is_set()):
                self._show_log()
            self._stopping.wait(pause)

    def await_ready(self) -> bool:
        """Wait until the process has been ready once; False when everything is being stopped instead."""
        while not self._was_ready.wait(0.1):
            if self._stopping.is_set():
                return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and all that it started."""
        with self._lock, contextlib.suppress(ProcessLookupError, PermissionError):
            if self._child is not None:
                os.killpg(self._child.pid, number)

    def _live(self, started: float) -> str:
        """One life of the process; returns how it ended."""
        child = self._start()
        if child is None:
            return "was not started"
        self._watch(child, started)
        # What it leaves behind (a gunicorn worker, Celery's beat) must not live on beside its successor.
        self.send(signal.SIGKILL)
        with self._lock:
            self._child = None
        return _how_it_ended(child.returncode)

    def _start(self) -> subprocess.Popen[bytes] | None:
        """A new child; None when everything is being stopped."""
        with self._lock, self._log.open("ab") as output:
            if self._stopping.is_set():
                return None
            self._child = subprocess.Popen(  # noqa: S603  the commands are our own
                self.process.command,
                env=environment_with(self.process.environment),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone, and the child's group can be signalled as a whole
                preexec_fn=_end_with_parent,
            )
            return self._child

    def _watch(self, child: subprocess.Popen[bytes], started: float) -> None:
        """Return when the child has ended; on the way tell when it is ready, or why it is not."""
        complain_at = started + PATIENCE
        while child.poll() is None and not self._stopping.is_set():
            check = self._check(self.name)
            if check.ok and child.poll() is None:
                self._say(f"{self.name} is ready ({time.monotonic() - started:.0f} s)")
                self._was_ready.set()
                self._ready(self.name)
                break
            if time.monotonic() > complain_at:
                self._say(f"{self.name} is not ready yet: {check.detail}; {check.mend}")
                complain_at += PATIENCE
            self._stopping.wait(LOOK_EVERY)
        child.wait()

    def _show_log(self) -> None:
        lines = self._log.read_text("utf-8", errors="replace").splitlines()[-SHOWN_LINES:]
        self._say("\n".join([f"  the end of {self._log}:", *(f"  | {line}" for line in lines)]))


def _end_with_parent() -> None:
    """In the child: have the kernel end it when the supervisor is killed outright. Linux only."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _how_it_ended(status: int) -> str:
    return f"ended with status {status}" if status >= 0 else f"was ended by {signal.Signals(-status).name}"


def _rotate(log: Path) -> None:
    """`x.log` becomes `x.log.1`, that `x.log.2`, and so on; the oldest is dropped."""
    names = [log, *(log.with_name(f"{log.name}.{number}") for number in range(1, KEPT_LOGS + 1))]
    for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
        if newer.exists():
            newer.replace(older)
