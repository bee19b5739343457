"""The steps of `tongqi prepare`, with a stand-in for the commands that they run."""

from pathlib import Path

import click
import pytest

from app import prepare as subject
from app.cli import cli
from app.prepare import STEPS, StepFailed, prepare


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Notes its arguments, and fails at `nlu train` once a file says so."""
    path = tmp_path / "tongqi"
    path.write_text(
        f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\n[ ! -e {tmp_path}/broken ] || [ "$1" != nlu ] || {{ echo no data; exit 1; }}\n'
    )
    path.chmod(0o755)
    return path


def test_steps_run_after_those_they_need(program: Path, tmp_path: Path) -> None:
    done: list[str] = []
    prepare(tmp_path / "log", lambda _: None, lambda step, _: done.append(step.name), program)
    assert sorted(done) == sorted(step.name for step in STEPS)
    calls = (tmp_path / "calls").read_text().splitlines()
    ingest = next(call for call in calls if call.startswith("knowledge ingest"))
    assert calls.index("knowledge encoder") < calls.index("nlu train")
    assert calls.index("db upgrade") < calls.index(ingest) < calls.index("knowledge index")


def test_a_failed_step_says_which_command_and_why(program: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    with pytest.raises(StepFailed, match=r"(?s)dialogue model: `tongqi nlu train` failed.*no data"):
        prepare(tmp_path / "log", lambda _: None, lambda _step, _seconds: None, program)


def test_steps_name_commands_that_exist() -> None:
    for command in (command for step in subject.STEPS for command in step.commands):
        group = cli.get_command(click.Context(cli), command[0])
        assert isinstance(group, click.Group)
        assert command[1] in group.commands
