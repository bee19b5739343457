"""The whole product, started as a user starts it, on ports and in a folder of its own. For tests and benchmarks."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from core.settings import ROOT
from tests.waiting import free_port, wait_until

TONGQI = Path(sys.executable).parent / "tongqi"


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


@contextlib.contextmanager
def running_product(var: Path) -> Iterator[Product]:
    """Prepare and start the product in `var` (a new folder); the models are those that set-up has built."""
    var.mkdir()
    (var / "models").symlink_to(ROOT / "var" / "models")
    gateway, sandbox, rasa, actions, redis = (free_port() for _ in range(5))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WECHAT_", "DATABASE_"))}
    environment |= {
        "TONGQI_VAR": str(var),
        "GATEWAY_BIND": f"127.0.0.1:{gateway}",
        "SANDBOX_BIND": f"127.0.0.1:{sandbox}",
        "RASA_URLS": f"http://127.0.0.1:{rasa}",
        "ACTIONS_URL": f"http://127.0.0.1:{actions}",
        "REDIS_PORT": str(redis),
        "REDIS_URL": "",
        "TONGQI_ALLOW_CLOCK": "1",
    }
    subprocess.run([TONGQI, "prepare"], env=environment, check=True, timeout=300)
    with (var / "run.log").open("wb") as log:
        process = subprocess.Popen([TONGQI, "run", "--sandbox"], env=environment, stdout=log, stderr=log)
        product = Product(process, environment, f"http://127.0.0.1:{gateway}", f"http://127.0.0.1:{sandbox}", var)
        try:
            wait_until(lambda: product.ready() or process.poll() is not None, 120)
            assert process.poll() is None, (var / "run.log").read_text()
            yield product
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(15)
