"""What `tongqi run` refuses to start with, and what it starts."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from app import preflight
from app.account import development_account
from app.preflight import check_ports, check_setup, only_one
from app.processes import Listener, listeners, processes
from bot import rasa_process
from core.db import transaction
from core.settings import Settings, generate_secrets, get_settings
from knowledge.models import Policy, Status

Configure = Callable[..., Settings]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command of the Rasa server without the model that it insists on."""
    monkeypatch.setattr("app.processes.rasa_command", lambda _settings, port: (["rasa", str(port)], {}))


def test_a_second_run_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        only_one(tmp_path),
        pytest.raises(click.ClickException, match=f"{os.getpid()}.*TONGQI_VAR"),
        only_one(tmp_path),
    ):
        pass
    with only_one(tmp_path):
        pass


def test_a_taken_port_is_named_with_its_holder_and_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "PATIENCE", 0.0)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        wanted = [Listener("gateway", "127.0.0.1", port, "GATEWAY_BIND")]
        with pytest.raises(click.ClickException) as refusal:
            check_ports(wanted)
        assert all(word in refusal.value.message for word in (str(port), str(os.getpid()), "GATEWAY_BIND"))
        assert "\n" not in refusal.value.message
    check_ports(wanted)


def test_a_port_that_comes_free_in_time_is_no_reason_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["port 1 is taken", None])
    monkeypatch.setattr(preflight, "_problem", lambda _listener: next(answers))
    check_ports([Listener("gateway", "127.0.0.1", 1, "GATEWAY_BIND")])
    assert next(answers, "asked twice") == "asked twice"


def test_an_address_of_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "PATIENCE", 0.0)
    with pytest.raises(click.ClickException, match="SANDBOX_BIND"):
        check_ports([Listener("sandbox", "192.0.2.1", 8100, "SANDBOX_BIND")])


def test_a_missing_model_is_one_line_that_says_make_setup(configure: Configure) -> None:
    with pytest.raises(click.ClickException, match="missing: run `make setup`"):
        check_setup(configure())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_policies_nothing_is_started(database: str, configure: Configure, tmp_path: Path) -> None:
    settings = configure(REDIS_URL="")
    (settings.tongqi_var / "models" / "e5-small").mkdir(parents=True)
    (settings.tongqi_var / "models" / "e5-small" / "model.int8.onnx").touch()
    folder = rasa_process.model_folder(settings)
    folder.mkdir(parents=True)
    (folder / "any.tar.gz").touch()
    with pytest.raises(click.ClickException, match="holds no policies: run `make setup`"):
        check_setup(settings)
    with transaction() as session:
        session.add(
            Policy(
                id="a", title="甲", issuer=[], level="", status=Status.CURRENT, category="", tags=[], audience="",
                confidence="high", guide=False, compare_with=[], body="", content_hash="",
            )
        )  # fmt: skip
    check_setup(settings)


def test_embedded_parts_run_only_where_nothing_else_is_named(configure: Configure, trained: None) -> None:
    embedded = processes(configure(REDIS_URL=""), sandbox=True)
    assert [process.name for process in embedded] == ["redis", "actions", "rasa", "worker", "gateway", "sandbox"]
    elsewhere = configure(
        REDIS_URL="redis://10.0.0.1/0", RASA_URLS="http://10.0.0.2:5005", ACTIONS_URL="http://10.0.0.3:5055"
    )
    assert [process.name for process in processes(elsewhere, sandbox=False)] == ["worker", "gateway"]


def test_each_rasa_server_of_this_machine_gets_a_process(configure: Configure, trained: None) -> None:
    settings = configure(RASA_URLS="http://127.0.0.1:5005,http://10.0.0.2:5005,http://localhost:5007")
    wanted = processes(settings, sandbox=False)
    assert {one.name: one.command for one in wanted if one.name.startswith("rasa")} == {
        "rasa": ("rasa", "5005"),
        "rasa-3": ("rasa", "5007"),
    }
    assert Listener("rasa-3", "localhost", 5007, "RASA_URLS") in listeners(settings, wanted)


def test_the_gateway_gets_as_many_processes_as_are_set_and_empty_counters(configure: Configure, trained: None) -> None:
    settings = configure(GATEWAY_PROCESSES="2")
    stale = settings.tongqi_var / "counters" / "counter_1.db"
    stale.parent.mkdir(parents=True)
    stale.touch()
    gateway = next(one for one in processes(settings, sandbox=False) if one.name == "gateway")
    assert gateway.command[gateway.command.index("--workers") + 1] == "2"
    assert gateway.listen == ("127.0.0.1", 8000)
    assert gateway.environment["PROMETHEUS_MULTIPROC_DIR"] == str(stale.parent)
    assert not stale.exists()


def test_every_process_that_listens_has_its_port_checked(configure: Configure, trained: None) -> None:
    settings = configure(
        REDIS_URL="", GATEWAY_BIND="0.0.0.0:8001", REDIS_PORT="6399", RASA_URLS="http://127.0.0.1:5006"
    )
    found = {
        listener.process: (listener.host, listener.port) for listener in listeners(settings, processes(settings, True))
    }
    assert found == {
        "redis": ("127.0.0.1", 6399),
        "actions": ("127.0.0.1", 5055),
        "rasa": ("127.0.0.1", 5006),
        "gateway": ("0.0.0.0", 8001),
        "sandbox": ("127.0.0.1", 8100),
    }


def test_secrets_are_made_up_once_for_this_user_alone(configure: Configure) -> None:
    configure(SECRET_KEY="", RASA_TOKEN="chosen")
    generate_secrets()
    first = get_settings()
    assert len(first.secret_key.get_secret_value()) > 30
    assert first.rasa_token.get_secret_value() == "chosen"
    assert stat.S_IMODE(first.secrets_file.stat().st_mode) == 0o600
    generate_secrets()
    assert get_settings().secret_key == first.secret_key


def test_the_development_account_is_the_same_at_every_start_and_keeps_what_is_set(configure: Configure) -> None:
    settings = configure(WECHAT_APP_ID="", WECHAT_APP_SECRET="", WECHAT_TOKEN="mine", SANDBOX_BIND="127.0.0.1:8101")
    account = development_account(settings)
    assert account == development_account(settings)
    assert account["WECHAT_TOKEN"] == "mine"
    assert account["WECHAT_API_BASE_URL"] == "http://127.0.0.1:8101"
    assert all(account.values())
    other = development_account(configure(SECRET_KEY="another machine"))
    assert other["WECHAT_APP_SECRET"] != account["WECHAT_APP_SECRET"]
