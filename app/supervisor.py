"""Keeps processes running: starts them in order, tells when each is ready, starts again what dies, stops all of them."""

import contextlib
import ctypes
import math
import os
import queue
import signal
import socket
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
AT_ONCE = 0.2  # seconds before a process that had been ready is started again
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds before one that dies unready is; doubled each time
MANY_DEATHS = 5  # of these in a row, until the log is shown again
BACKLOG = 2048  # connections that wait while a process that listens is replaced
LISTENER = "{listener}"  # in a command: the descriptor of the socket that the supervisor listens on
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
        listen: (host, port) where the supervisor listens for it; `LISTENER` in the command stands for the descriptor.
            The socket outlives the process, so connections wait for its successor rather than being refused.
        nice: how far it steps back where processes compete for the processor; 0 not at all, 19 most.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    listen: tuple[str, int] | None = None
    nice: int = 0


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
        """Start everything and stay until `stop`; then all processes have ended.

        Raises:
            OSError: an address to listen on is taken.
        """
        with contextlib.ExitStack() as sockets:
            for keeper in self._keepers:
                if keeper.process.listen:
                    keeper.listener = sockets.enter_context(_listen(*keeper.process.listen))
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
        self.listener: socket.socket | None = None
        self._log, self._check, self._ready, self._say = logs / f"{process.name}.log", check, ready, say
        self._stopping, self._was_ready = stopping, threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()  # a child is started, or signalled, or neither

    def run(self) -> None:
        """Start, watch, start again."""
        if not all(need.await_ready() for need in self.needs):
            return
        _rotate(self._log)
        failures = 0  # lives in a row that ended before the process was ready
        while not self._stopping.is_set():
            was_ready = False
            try:
                was_ready, ended = self._live()
            except OSError as error:
                ended = f"cannot be started ({error.strerror}: {error.filename})"
            if self._stopping.is_set():
                return
            failures = 0 if was_ready else failures + 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)) if failures else AT_ONCE
            self._say(f"{self.name} {ended}; next try in {pause:g} s")
            if failures % MANY_DEATHS == 1:
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

    def _live(self) -> tuple[bool, str]:
        """One life of the process; returns whether it was ready, and how it ended."""
        child = self._start()
        if child is None:
            return False, "was not started"
        was_ready = self._watch(child)
        # What it leaves behind (a gunicorn worker) must not live on beside its successor.
        self.send(signal.SIGKILL)
        with self._lock:
            self._child = None
        return was_ready, _how_it_ended(child.returncode)

    def _start(self) -> subprocess.Popen[bytes] | None:
        """A new child; None when everything is being stopped."""
        with self._lock, self._log.open("ab") as output:
            if self._stopping.is_set():
                return None
            listener = [self.listener.fileno()] if self.listener else []
            self._child = subprocess.Popen(  # noqa: S603  the commands are our own
                [part.replace(LISTENER, "".join(map(str, listener))) for part in self.process.command],
                env=environment_with(self.process.environment),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=listener,
                start_new_session=True,  # Ctrl-C reaches us alone, and the child's group can be signalled as a whole
                preexec_fn=_end_with_parent,
            )
            if self.process.nice:
                priority = os.getpriority(os.PRIO_PROCESS, 0) + self.process.nice
                os.setpriority(os.PRIO_PROCESS, self._child.pid, min(priority, 19))
            return self._child

    def _watch(self, child: subprocess.Popen[bytes]) -> bool:
        """Return when the child has ended: whether it was ready. On the way tell when it is, or why it is not."""
        started, was_ready = time.monotonic(), False
        complain_at = started + PATIENCE
        while child.poll() is None and not self._stopping.is_set():
            check = self._check(self.name)
            if check.ok and child.poll() is None:
                self._say(f"{self.name} is ready ({time.monotonic() - started:.0f} s)")
                was_ready = True
                self._was_ready.set()
                self._ready(self.name)
                break
            if time.monotonic() > complain_at:
                self._say(f"{self.name} is not ready yet: {check.detail}; {check.mend}")
                complain_at += PATIENCE
            self._stopping.wait(LOOK_EVERY)
        child.wait()
        return was_ready

    def _show_log(self) -> None:
        lines = self._log.read_text("utf-8", errors="replace").splitlines()[-SHOWN_LINES:]
        self._say("\n".join([f"  the end of {self._log}:", *(f"  | {line}" for line in lines)]))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


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
