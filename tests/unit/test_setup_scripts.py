"""The shell side of set-up: finding Pythons, handing pip's configuration to uv, the CPU build of torch."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT

REQUIREMENTS = ROOT / "requirements"
TORCH = re.search(r"^torch==(\S+)$", (REQUIREMENTS / "service.txt").read_text(), re.MULTILINE)


def run(*command: str, path: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command at the root with nothing in the environment but the search path, HOME and what is given."""
    search = f"{path}:/usr/bin:/bin" if path else "/usr/bin:/bin"
    return subprocess.run(
        command, cwd=ROOT, env={"PATH": search, "HOME": "/nonexistent"} | environment, capture_output=True, text=True
    )


def install_script(command: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the functions of install.sh at hand and a uv that can install nothing."""
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\nexit 1\n")
    uv.chmod(0o755)
    program = f"log={tmp_path}/log; python311={sys.executable}; . scripts/install.sh; configure_uv; find_uv; {command}"
    return run("sh", "-c", program, path=tmp_path, **environment)


def test_a_python_is_found_by_running_it(tmp_path: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    shim = tmp_path / f"python{version}"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    working = tmp_path / "python3"
    working.symlink_to(sys.executable)
    found = run("scripts/find_python.sh", version, path=tmp_path).stdout.strip()
    shown = subprocess.run([found, "--version"], capture_output=True, text=True)
    assert shown.stdout.startswith(f"Python {version}.")


def test_a_missing_python_is_one_line_that_says_what_to_do() -> None:
    missing = run("scripts/find_python.sh", "3.99")
    assert missing.returncode == 1
    assert missing.stderr.count("\n") == 1
    assert "PYTHON399" in missing.stderr


def test_a_python_that_was_chosen_wrongly_is_not_passed_over() -> None:
    refused = run("scripts/find_python.sh", "3.10", PYTHON310="/bin/false")
    assert refused.returncode == 1
    assert "PYTHON310=/bin/false" in refused.stderr


def test_uv_is_told_what_pip_is_told_less_what_is_not_there(tmp_path: Path) -> None:
    shown = install_script(
        'echo "$UV_FIND_LINKS $UV_INDEX ${UV_DEFAULT_INDEX-unset}"',
        tmp_path,
        PIP_FIND_LINKS=f"{tmp_path} /nonexistent",
        PIP_EXTRA_INDEX_URL=f"file://{tmp_path} file:///nonexistent https://packages.example/simple",
    )
    assert shown.stdout.strip() == f"{tmp_path} file://{tmp_path} https://packages.example/simple unset"


def test_a_cpu_wheel_in_reach_is_taken(tmp_path: Path) -> None:
    assert TORCH
    (tmp_path / f"torch-{TORCH[1]}+cpu-cp311-cp311-manylinux_2_28_x86_64.whl").touch()
    done = install_script("torch_arguments", tmp_path, PIP_FIND_LINKS=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(("choice", "status"), [({}, 1), ({"TONGQI_TORCH": "any"}, 0)])
def test_cuda_is_never_downloaded_unasked(tmp_path: Path, choice: dict[str, str], status: int) -> None:
    uname = tmp_path / "uname"
    uname.write_text("#!/bin/sh\necho Linux x86_64\n")
    uname.chmod(0o755)
    done = install_script("torch_arguments", tmp_path, PIP_FIND_LINKS=str(tmp_path), **choice)
    assert done.returncode == status
    assert done.stderr.count("\n") == status
    assert ("TONGQI_TORCH=any" in done.stderr) == bool(status)


def test_a_failed_step_ends_set_up_and_shows_why(tmp_path: Path) -> None:
    program = f". {ROOT}/scripts/step.sh; step 'a step' ls /nonexistent; echo went on"
    done = subprocess.run(["sh", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "a step: failed" in done.stdout
    assert "/nonexistent" in done.stdout
    assert "went on" not in done.stdout


def test_every_requirement_is_pinned_and_names_no_place() -> None:
    for path in REQUIREMENTS.glob("*.txt"):
        for line in path.read_text().splitlines():
            assert re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", line), f"{path.name}: {line}"


def test_the_development_environment_holds_the_service_environment() -> None:
    service, dev = ((REQUIREMENTS / name).read_text().splitlines() for name in ("service.txt", "dev.txt"))
    assert set(service) <= set(dev)
