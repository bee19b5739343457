"""Training only when something changed, and every failure of the Rasa environment as one clear error."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import model, rasa_process
from bot.rasa_process import RasaEnvironmentMissing, rasa_command
from core.settings import Settings


@pytest.fixture
def ready(configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Settings of a set-up that is done, and a little project as its input."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho some; echo words >&2; exit 3\n")
    python.chmod(0o700)
    (tmp_path / "config.yml").write_text("language: zh")
    for module in (model, rasa_process):
        monkeypatch.setattr(module, "PYTHON", python)
    monkeypatch.setattr(model, "ROOT", tmp_path)
    monkeypatch.setattr(model, "INPUTS", ("config.yml",))
    settings = configure(RASA_TOKEN="t0ken", RASA_URLS="http://127.0.0.1:7005")
    encoder = settings.tongqi_var / "models" / "e5-small"
    encoder.mkdir(parents=True)
    (encoder / "model.int8.onnx").touch()
    return settings


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Archives that were trained, in order."""
    archives: list[Path] = []

    def train_with(_config: Path, archive: Path, _environment: dict[str, str]) -> None:
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.touch()
        archives.append(archive)

    monkeypatch.setattr(model, "train_with", train_with)
    return archives


def test_unchanged_inputs_are_not_trained_again(ready: Settings, trained: list[Path]) -> None:
    first, second = model.train(ready), model.train(ready)
    assert (first[1], second[1]) == (True, False)
    assert trained == [first[0]]
    assert model.train(ready, force=True)[1]


def test_changed_inputs_replace_the_model(ready: Settings, trained: list[Path]) -> None:
    old, _ = model.train(ready)
    (model.ROOT / "config.yml").write_text("language: zh\npolicies: []")
    new, fresh = model.train(ready)
    assert fresh
    assert list(new.parent.iterdir()) == [new] != [old]


def test_a_failure_of_rasa_is_told_and_leaves_no_model(ready: Settings) -> None:
    with pytest.raises(model.RasaFailed, match=r"some\nwords"):
        model.train(ready)
    assert list((ready.tongqi_var / "models" / "rasa").iterdir()) == []


def test_predicting_without_a_model_is_refused(ready: Settings) -> None:
    with pytest.raises(model.RasaFailed, match="nlu train"):
        model.predict(ready, ["你好"])


def test_a_missing_encoder_or_environment_is_one_line(ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (ready.tongqi_var / "models" / "e5-small" / "model.int8.onnx").unlink()
    with pytest.raises(RasaEnvironmentMissing, match="encoder"):
        model.train(ready)
    monkeypatch.setattr(rasa_process, "PYTHON", Path("nowhere"))
    with pytest.raises(RasaEnvironmentMissing, match="make setup"):
        model.train(ready)


def test_rasa_listens_on_loopback_and_its_token_is_on_no_command_line(ready: Settings, trained: list[Path]) -> None:
    with pytest.raises(RasaEnvironmentMissing, match="nlu train"):
        rasa_command(ready)
    model.train(ready)
    arguments, environment = rasa_command(ready)
    assert arguments[arguments.index("--interface") + 1] == "127.0.0.1"
    assert arguments[arguments.index("--port") + 1] == "7005"
    assert "t0ken" not in arguments
    assert environment["RASA_TOKEN"] == "t0ken"


def test_the_tracker_url_suits_rasas_older_driver(
    ready: Settings, trained: list[Path], configure: Callable[..., Settings]
) -> None:
    model.train(ready)
    settings = configure(RASA_TRACKER_URL="postgresql+psycopg://u:p@db/rasa", TONGQI_VAR=os.fspath(ready.tongqi_var))
    assert rasa_command(settings)[1]["TONGQI_TRACKER_URL"] == "postgresql://u:p@db/rasa"
