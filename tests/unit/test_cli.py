"""The command line as a whole: every command explains itself, and settings that do not fit are one clear line."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli import cli
from core.settings import ROOT, Settings
from tests.product import TONGQI


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield (*path, name)
            if isinstance(command, click.Group):
                yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(cli, [*path, "--help"])
    assert shown.exit_code == 0, shown.output
    assert len(shown.output.splitlines()) > 3


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"WECHAT_MODE": "safe"}, "WECHAT_ENCODING_AES_KEY"),
        ({"WECHAT_ENCODING_AES_KEY": "short"}, "43"),
        ({"WECHAT_APP_ID": "wx1"}, "WECHAT_TOKEN"),
        ({"REDIS_PORT": "many"}, "redis_port"),
    ],
)
def test_settings_that_do_not_fit_are_one_clear_line(environment: dict[str, str], named: str, tmp_path: Path) -> None:
    clean = {"PATH": "/usr/bin:/bin", "TONGQI_VAR": str(tmp_path)}
    done = subprocess.run([TONGQI, "doctor"], env=clean | environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_every_setting_is_documented() -> None:
    pages = "".join((ROOT / page).read_text("utf-8") for page in ("README.md", "docs/howto/operate.md"))
    assert [name for name in Settings.model_fields if name.upper() not in pages] == []
