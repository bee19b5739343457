"""The action server, started as the supervisor starts it, over a folder that holds no index."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.settings import ROOT, environment_with
from tests.waiting import free_port, wait_until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a running action server."""
    url, folder = f"http://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("actions")
    environment = environment_with({"ACTIONS_URL": url, "TONGQI_VAR": str(folder), "DATABASE_URL": ""})
    with Path(folder, "log").open("wb") as log:
        command = [sys.executable, "-m", "bot.actions.server"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        wait_until(lambda: _answers(url) or process.poll() is not None, 30)
        assert process.poll() is None, Path(folder, "log").read_text()
        yield url
        process.terminate()
        assert process.wait(8) == 0


def test_it_is_not_ready_without_a_knowledge_base_and_says_why(server: str) -> None:
    response = httpx.get(f"{server}/ready", timeout=10)
    assert (response.status_code, response.json()["ok"]) == (503, False)
    assert len(response.json()["detail"].splitlines()) == 1


def test_it_serves_every_action_file(server: str) -> None:
    names = {row["name"] for row in httpx.get(f"{server}/actions").json()}
    assert {"action_answer_policy", "action_answer_loan", "action_open_ticket", "action_offer_choices"} <= names


def test_an_action_without_a_knowledge_base_apologises(server: str) -> None:
    message = {"text": "首贷贴息", "intent": {"name": "policy_question"}, "entities": []}
    call = {
        "next_action": "action_answer_policy",
        "tracker": {"sender_id": "1.0", "slots": {}, "latest_message": message, "events": []},
        "domain": {},
        "version": "3.6.21",
    }
    response = httpx.post(f"{server}/webhook", json=call, timeout=10)
    assert response.status_code == 200
    assert "人工" in response.json()["responses"][0]["text"]


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False
