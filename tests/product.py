"""The whole product, started as a user starts it, on ports and in a folder of its own. For tests and benchmarks."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from core.settings import ROOT
from tests.waiting import free_port, wait_until

TONGQI = Path(sys.executable).parent / "tongqi"
# What stands in the command line of each process of `tongqi run`, and of what it starts itself.
MARKS = {
    "redis": "redis-server",
    "actions": "bot.actions.server",
    "rasa": "nlu.serve",
    "worker": "celery",
    "gateway": "gunicorn",
    "sandbox": "-m sandbox",
}


@dataclass
class Product:
    """A running `tongqi run`."""

    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]
    gateway: str
    phone: str
    var: Path

    def tongqi(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a `tongqi` command beside it."""
        return subprocess.run([TONGQI, *arguments], env=self.environment, capture_output=True, text=True, timeout=90)

    def ready(self) -> bool:
        """Whether every part says so."""
        try:
            return httpx.get(f"{self.gateway}/readyz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def running(self, name: str) -> bool:
        """Whether the named process was ready when `tongqi run` last said something about it."""
        said = [line for line in (self.var / "run.log").read_text().splitlines() if line.startswith(f"{name} ")]
        return "is ready" in said[-1]

    def processes(self) -> dict[str, list[psutil.Process]]:
        """What runs now, by name; a parent stands before its children."""
        found: dict[str, list[psutil.Process]] = {name: [] for name in MARKS}
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                command = " ".join(process.cmdline())
                name = next((name for name, mark in MARKS.items() if mark in command), None)
                if name is not None:
                    found[name].append(process)
        return found


@contextlib.contextmanager
def running_product(
    var: Path, *, sandbox: bool = True, rasa_servers: int = 1, settings: Mapping[str, str] | None = None
) -> Iterator[Product]:
    """Prepare and start the product; the models are those that set-up has built.

    Args:
        var: data folder: a new one, or that of an earlier run, which is ready half a minute sooner.
        sandbox: play WeChat too; without it `settings` name an account.
        rasa_servers: how many of them.
        settings: what differs from the settings of a development machine.
    """
    if not var.exists():
        var.mkdir()
        (var / "models").symlink_to(ROOT / "var" / "models")
    gateway, phone, actions, redis, *rasa = (free_port() for _ in range(4 + rasa_servers))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WECHAT_", "DATABASE_"))}
    environment |= {
        "TONGQI_VAR": str(var),
        "GATEWAY_BIND": f"127.0.0.1:{gateway}",
        "SANDBOX_BIND": f"127.0.0.1:{phone}",
        "RASA_URLS": ",".join(f"http://127.0.0.1:{port}" for port in rasa),
        "ACTIONS_URL": f"http://127.0.0.1:{actions}",
        "REDIS_PORT": str(redis),
        "REDIS_URL": "",
        "TONGQI_ALLOW_CLOCK": "1",
        **(settings or {}),
    }
    subprocess.run([TONGQI, "prepare"], env=environment, check=True, timeout=300)
    with (var / "run.log").open("wb") as log:
        command = [TONGQI, "run", "--sandbox" if sandbox else "--no-sandbox"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        product = Product(process, environment, f"http://127.0.0.1:{gateway}", f"http://127.0.0.1:{phone}", var)
        try:
            wait_until(lambda: product.ready() or process.poll() is not None, 120)
            assert process.poll() is None, (var / "run.log").read_text()
            yield product
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(15)
