"""What is measured: an application under gunicorn as the product runs it, and the product itself with an account."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.echoes import TOKEN
from benchmarks.load import Webhook
from core.settings import ROOT, environment_with
from tests.product import TONGQI, Product, running_product
from tests.waiting import free_port, wait_until

ACCOUNT = {"WECHAT_APP_ID": "wxbenchmark", "WECHAT_APP_SECRET": "secret", "WECHAT_TOKEN": TOKEN}


@contextlib.contextmanager
def serving(application: str, var: Path, settings: dict[str, str]) -> Iterator[Webhook]:
    """The application under the product's own configuration of gunicorn, one process."""
    counters = var / "counters"
    counters.mkdir(parents=True)
    environment = environment_with(
        {
            "TONGQI_VAR": str(var),
            "PROMETHEUS_MULTIPROC_DIR": str(counters),
            "REDIS_URL": "redis://127.0.0.1:1/0",  # a fixed answer needs none
            "DATABASE_URL": "",
            **settings,
        }
    )
    if settings:
        subprocess.run(  # noqa: S603  our own program
            [TONGQI, "db", "upgrade"], env=environment, check=True, capture_output=True, timeout=60
        )
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--config", "python:app.gunicorn_conf", "--workers", "1"]
    with (var / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own program
            [*command, "--bind", f"127.0.0.1:{port}"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}/wechat"
        wait_until(lambda: process.poll() is not None or _reached(url), 30)
        assert process.poll() is None, (var / "gunicorn.log").read_text()
        yield Webhook(url, TOKEN)
    finally:
        process.terminate()
        process.wait(10)


def _reached(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code > 0
    except httpx.HTTPError:
        return False


def product(var: Path, api: int, gateways: int, servers: int) -> contextlib.AbstractContextManager[Product]:
    """The product with an account that the sink plays WeChat's API for."""
    account = ACCOUNT | {"WECHAT_API_BASE_URL": f"http://127.0.0.1:{api}", "GATEWAY_PROCESSES": str(gateways)}
    return running_product(var, sandbox=False, rasa_servers=servers, settings=account)
