"""The steps of `tongqi prepare`, with a stand-in for the commands that they run."""

from collections.abc import Callable
from pathlib import Path

import click
import pytest

from app import prepare as subject
from app.cli import cli
from app.prepare import STEPS, StepFailed
from core.settings import ROOT, Settings

Configure = Callable[..., Settings]

# Notes its arguments and makes what the real command makes; fails at `nlu train` once a file `broken` is there.
STAND_IN = """#!/bin/sh
here=$(dirname "$0")
echo "$@" >>"$here/calls"
case "$*" in
"knowledge encoder") mkdir -p "$here/var/models/e5-small" && touch "$here/var/models/e5-small/model.int8.onnx" ;;
"db upgrade") touch "$here/var/tongqi.db" ;;
"nlu train") [ ! -e "$here/broken" ] || { echo no data; exit 1; } ;;
esac
"""


class Trial:
    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._program = folder / "tongqi"
        self._program.write_text(STAND_IN)
        self._program.chmod(0o755)

    def prepare(self) -> list[str]:
        """The commands that were run, in the order of their start."""
        calls = self._folder / "calls"
        calls.write_text("")
        subject.prepare(self._settings, lambda _: None, lambda _step, _seconds: None, self._program)
        return calls.read_text().splitlines()


@pytest.fixture
def trial(configure: Configure, tmp_path: Path) -> Trial:
    return Trial(configure(TONGQI_VAR=str(tmp_path / "var"), DATABASE_URL=""), tmp_path)


def test_steps_run_after_those_they_need(trial: Trial) -> None:
    calls = trial.prepare()
    assert sorted(calls) == sorted(" ".join(command) for step in STEPS for command in step.commands)
    assert calls.index("knowledge encoder") < calls.index("nlu train")
    assert max(calls.index("knowledge encoder"), calls.index("db upgrade")) < calls.index("knowledge ingest")
    assert calls.index("knowledge ingest") < calls.index("knowledge index")


def test_only_what_can_tell_by_itself_runs_again(trial: Trial) -> None:
    trial.prepare()
    assert sorted(trial.prepare()) == ["db upgrade", "nlu train"]


def test_policies_are_ingested_again_when_the_database_is_gone(trial: Trial, tmp_path: Path) -> None:
    trial.prepare()
    (tmp_path / "var/tongqi.db").unlink()
    assert {"knowledge ingest", "knowledge index"} <= set(trial.prepare())


def test_policies_are_ingested_again_for_another_model(trial: Trial, tmp_path: Path, configure: Configure) -> None:
    trial.prepare()
    other = Trial(configure(EMBEDDING_MODEL="another"), tmp_path)
    assert "knowledge index" in other.prepare()


def test_a_failed_step_says_which_command_and_why_and_is_done_again(trial: Trial, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    with pytest.raises(StepFailed, match=r"(?s)dialogue model: `tongqi nlu train` failed.*no data"):
        trial.prepare()
    (tmp_path / "broken").unlink()
    assert "nlu train" in trial.prepare()


def test_steps_name_commands_and_files_that_exist() -> None:
    for command in (command for step in STEPS for command in step.commands):
        group = cli.get_command(click.Context(cli), command[0])
        assert isinstance(group, click.Group)
        assert command[1] in group.commands
    assert all((ROOT / source).exists() for step in STEPS for source in step.made_from)
