"""What set-up does once the packages are installed: models, database, index. Quick when nothing has changed."""

import hashlib
import subprocess
import sysconfig
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from core.settings import ROOT, Settings, environment_with

TONGQI = Path(sysconfig.get_path("scripts")) / "tongqi"
SHOWN_LINES = 8


@dataclass(frozen=True)
class Step:
    """Some `tongqi` commands in order.

    Attributes:
        after: names of the steps that must be done before.
        made_from: files and folders of the project that decide the result.
        result: file below the data folder. A step that has one is left out while that is there and `made_from` is as it
            was; a step that has none always runs, and finds out by itself in a second that nothing is to be done.
    """

    name: str
    title: str
    commands: tuple[tuple[str, ...], ...]
    after: tuple[str, ...] = ()
    made_from: tuple[str, ...] = ()
    result: str = ""


STEPS = (
    Step(
        "encoder",
        "sentence encoder",
        (("knowledge", "encoder"),),
        made_from=("knowledge/weights.py", "knowledge/weights_file.py"),
        result="models/e5-small/model.int8.onnx",
    ),
    Step("database", "database schema", (("db", "upgrade"),)),
    Step(
        "index",
        "policies",
        (("knowledge", "ingest"), ("knowledge", "index"), ("faq", "index")),
        after=("encoder", "database"),
        made_from=("knowledge/seed", "knowledge/ingest", "knowledge/index/live.py", "knowledge/catalogue.py"),
        result="models/e5-small/model.int8.onnx",  # what it makes is in the database
    ),
    Step("dialogue", "dialogue model", (("nlu", "train"),), after=("encoder",)),
)


class StepFailed(Exception):
    """A step's command failed; the text is the end of what it printed."""


def prepare(
    settings: Settings,
    begun: Callable[[Step], None],
    done: Callable[[Step, float | None], None],
    program: Path = TONGQI,
) -> None:
    """Do all steps that have something to do, side by side where they do not need each other.

    Args:
        settings: say where the data folder is; `log/setup-<step>.log` in it is what the commands print.
        begun: called before each step that has something to do.
        done: called after each with its seconds; None for a step that had nothing to do.
        program: what runs the commands.

    Raises:
        StepFailed: the first step that failed; steps that need it are not begun.
    """
    stamps, logs = settings.tongqi_var / "setup", settings.tongqi_var / "log"
    stamps.mkdir(parents=True, exist_ok=True)
    logs.mkdir(exist_ok=True)
    finished = {step.name for step in STEPS if _is_done(step, settings, stamps / step.name)}
    running: dict[str, Future[None]] = {}

    def work(step: Step) -> None:
        if step.name in finished:
            done(step, None)
            return
        for name in step.after:
            running[name].result()
        begun(step)
        started = time.monotonic()
        (stamps / step.name).unlink(missing_ok=True)
        _run(program, step, logs / f"setup-{step.name}.log")
        (stamps / step.name).write_text(_fingerprint(step, settings))
        done(step, time.monotonic() - started)

    with ThreadPoolExecutor(len(STEPS)) as pool:
        for step in STEPS:
            running[step.name] = pool.submit(work, step)
    for future in running.values():
        future.result()


def _is_done(step: Step, settings: Settings, stamp: Path) -> bool:
    database = make_url(settings.database_url)
    if database.get_backend_name() == "sqlite" and not Path(database.database or "").exists():
        return False
    result = settings.tongqi_var / step.result
    return result.is_file() and stamp.exists() and stamp.read_text() == _fingerprint(step, settings)


def _fingerprint(step: Step, settings: Settings) -> str:
    digest = hashlib.sha256(f"{settings.database_url} {settings.embedding_model}".encode())
    for source in (ROOT / name for name in step.made_from):
        for path in sorted(source.rglob("*.*")) if source.is_dir() else [source]:
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(ROOT)} ".encode() + path.read_bytes())
    return digest.hexdigest()


def _run(program: Path, step: Step, log: Path) -> None:
    environment = environment_with({"OMP_NUM_THREADS": "1"})  # the steps share the cores among them
    with log.open("w+", encoding="utf-8", errors="replace") as output:
        for command in step.commands:
            ended = subprocess.run(  # noqa: S603  the commands are our own
                [program, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
            )
            if ended.returncode:
                output.seek(0)
                last = "".join(f"\n  | {line}" for line in output.read().splitlines()[-SHOWN_LINES:])
                raise StepFailed(f"{step.title}: `tongqi {' '.join(command)}` failed; the end of {log}:{last}")
