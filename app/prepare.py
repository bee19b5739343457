"""What set-up does once the packages are installed: models, database, index. Every step is quick when it is done already."""

import subprocess
import sysconfig
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from core.settings import ROOT, environment_with

TONGQI = Path(sysconfig.get_path("scripts")) / "tongqi"
SHOWN_LINES = 8


@dataclass(frozen=True)
class Step:
    """Some `tongqi` commands in order, and the names of the steps that must be done before."""

    name: str
    title: str
    commands: tuple[tuple[str, ...], ...]
    after: tuple[str, ...] = ()


STEPS = (
    Step("encoder", "sentence encoder", (("knowledge", "encoder"),)),
    Step("database", "database schema", (("db", "upgrade"),)),
    Step(
        "index",
        "policies and their index",
        (("knowledge", "ingest", str(ROOT / "knowledge" / "seed")), ("knowledge", "index")),
        after=("encoder", "database"),
    ),
    Step("dialogue", "dialogue model", (("nlu", "train"),), after=("encoder",)),
)


class StepFailed(Exception):
    """A step's command failed; the text is the end of what it printed."""


def prepare(
    logs: Path, begun: Callable[[Step], None], done: Callable[[Step, float], None], program: Path = TONGQI
) -> None:
    """Do all steps, side by side where they do not need each other.

    Args:
        logs: folder for `setup-<step>.log`, what the commands print.
        begun: called before each step.
        done: called after each step with its seconds.
        program: what runs the commands.

    Raises:
        StepFailed: the first step that failed; steps that need it are not begun.
    """
    logs.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(len(STEPS)) as pool:
        running: dict[str, Future[None]] = {}

        def work(step: Step) -> None:
            for name in step.after:
                running[name].result()
            begun(step)
            started = time.monotonic()
            _run(program, step, logs / f"setup-{step.name}.log")
            done(step, time.monotonic() - started)

        for step in STEPS:
            running[step.name] = pool.submit(work, step)
    for future in running.values():
        future.result()


def _run(program: Path, step: Step, log: Path) -> None:
    environment = environment_with({"OMP_NUM_THREADS": "1"})  # steps share the cores among them
    with log.open("w+", encoding="utf-8", errors="replace") as output:
        for command in step.commands:
            ended = subprocess.run(  # noqa: S603  the commands are our own
                [program, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
            )
            if ended.returncode:
                output.seek(0)
                last = "".join(f"\n  | {line}" for line in output.read().splitlines()[-SHOWN_LINES:])
                raise StepFailed(f"{step.title}: `tongqi {' '.join(command)}` failed; the end of {log}:{last}")
