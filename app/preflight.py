"""What must hold before `tongqi run` starts anything; each refusal is one line that says how to mend it."""

import contextlib
import errno
import fcntl
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import click
import psutil
from sqlalchemy import select

from app import health
from app.processes import Listener
from bot import rasa_process
from core.db import reading
from core.settings import Settings
from knowledge.models import Policy

PATIENCE = 3.0  # seconds for a port to come free: the processes of a run that was killed take a moment to end


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of a data folder, which the kernel releases whatever becomes of this process.

    Raises:
        click.ClickException: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise click.ClickException(
                f"tongqi is running on {folder} already (process {lock.read().strip() or 'unknown'}): "
                "stop it, or set TONGQI_VAR to another folder and the ports to free ones"
            ) from None
        lock.truncate(0)
        lock.write(str(psutil.Process().pid))
        lock.flush()
        yield


def check_setup(settings: Settings) -> None:
    """Refuse to go on while something is missing that set-up makes, or a server of others does not answer.

    Raises:
        click.ClickException: names what is missing.
    """
    products = {
        "the environment of Rasa": [rasa_process.PYTHON],
        "the sentence encoder": (settings.tongqi_var / "models" / "e5-small").glob("*.onnx"),
        "the dialogue model": rasa_process.model_folder(settings).glob("*.tar.gz"),
    }
    for name, paths in products.items():
        if not any(path.exists() for path in paths):
            raise click.ClickException(f"{name} is missing: run `make setup`")
    servers = ("database",) if settings.embedded_redis else ("database", "redis")
    for name, check in health.run(servers).items():
        if not check.ok:
            raise click.ClickException(f"{name}: {check.detail}: {check.mend}")
    with reading() as session:
        if session.scalar(select(Policy.id).limit(1)) is None:
            raise click.ClickException("the database holds no policies: run `make setup`")


def check_ports(listeners: list[Listener]) -> None:
    """Refuse to go on while a port that is needed is taken, or an address is not this machine's.

    Raises:
        click.ClickException: names the port, who has it where that can be told, and the setting that changes it.
    """
    deadline = time.monotonic() + PATIENCE
    for listener in listeners:
        while problem := _problem(listener):
            if time.monotonic() > deadline:
                raise click.ClickException(problem)
            time.sleep(0.1)


def _problem(listener: Listener) -> str | None:
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: a closing connection is no hindrance
        try:
            probe.bind((listener.host, listener.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return (
                    f"port {listener.port} for {listener.process} is taken{_holder(listener.port)}: "
                    f"stop that, or choose another port with {listener.setting}"
                )
            return f"{listener.process} cannot listen on {listener.host}:{listener.port} ({error.strerror}): change {listener.setting}"
    return None


def _holder(port: int) -> str:
    """Name and number of the process that listens on a port; empty where the system does not tell us."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listening = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listening and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
