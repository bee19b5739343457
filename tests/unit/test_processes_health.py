"""Several processes of a kind: each is looked at, and what they count is added up."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import health
from app.factory import create_app
from bot.client import Parsed, RasaUnavailable
from core.settings import Settings

COUNT = "from prometheus_client import Counter; Counter('calls', 'Calls').inc()"
SERVERS = ("http://127.0.0.1:5005", "http://127.0.0.1:5006")


@pytest.fixture
def second_server_is_down(monkeypatch: pytest.MonkeyPatch, configure: Callable[..., Settings]) -> None:
    configure(RASA_URLS=",".join(SERVERS))

    def parse(_text: str, *, url: str) -> Parsed:
        if url == SERVERS[1]:
            raise RasaUnavailable("ConnectError")
        return Parsed(health.KNOWN_INTENT, 0.9, ())

    monkeypatch.setattr(health, "parse", parse)


@pytest.mark.usefixtures("second_server_is_down")
def test_rasa_works_when_every_server_does() -> None:
    check = health.run(("rasa",))["rasa"]
    assert not check.ok
    assert SERVERS[1] in check.detail


@pytest.mark.usefixtures("second_server_is_down")
def test_a_rasa_server_is_ready_whatever_the_others_are() -> None:
    assert health.of_process("rasa").ok
    assert not health.of_process("rasa-2").ok


def test_metrics_add_up_the_processes_of_the_gateway(configure: Callable[..., Settings], tmp_path: Path) -> None:
    configure(PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    for _ in range(2):
        environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", COUNT], env=environment, check=True, timeout=30)
    with create_app().test_client() as client:
        assert "\ncalls_total 2.0\n" in client.get("/metrics").get_data(as_text=True)
