"""The understanding model: train it in the Rasa environment when its inputs changed, and put texts to it."""

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.client import as_text
from bot.rasa_process import PYTHON, model_folder, rasa_environment
from core.settings import ROOT, Settings, environment_with

INPUTS = ("config.yml", "bot/domain", "bot/rules", "nlu/data", "nlu/components", "requirements/rasa.txt")
TRAIN_WITHIN = 600  # seconds
PREDICT_WITHIN = 600


class RasaFailed(RuntimeError):
    """A program of the Rasa environment failed; the message is the end of what it printed."""


@dataclass(frozen=True)
class Understood:
    """What the bot acts on for a text, how sure it is, and the milliseconds it took."""

    intent: str
    confidence: float
    ms: float


def train(settings: Settings, force: bool = False) -> tuple[Path, bool]:
    """(model archive, whether it was trained now). Unchanged inputs are not trained again.

    Raises:
        RasaEnvironmentMissing: set-up is not done.
        RasaFailed: Rasa refused the data.
    """
    environment = rasa_environment(settings)
    folder = model_folder(settings)
    model = folder / f"{fingerprint()}.tar.gz"
    if model.exists() and not force:
        return model, False
    train_with(ROOT / "config.yml", model, environment)
    for old in folder.glob("*.tar.gz"):
        if old != model:
            old.unlink()
    return model, True


def train_with(config: Path, model: Path, environment: dict[str, str], within: float = TRAIN_WITHIN) -> None:
    """Train on this project's data with any Rasa configuration; the archive appears whole or not at all.

    Args:
        within: seconds that Rasa may take.

    Raises:
        RasaFailed: Rasa refused the data or the configuration.
    """
    model.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=model.parent) as fresh:
        arguments = ["rasa", "train", "--config", str(config), "--domain", "bot/domain", "--data", "nlu/data"]
        arguments += ["bot/rules", "--out", fresh, "--fixed-model-name", "model"]
        _run(arguments, environment, within)
        Path(fresh, "model.tar.gz").replace(model)


def predict(settings: Settings, texts: list[str], model: Path | None = None) -> list[Understood]:
    """What the bot acts on for each text: below the threshold that is `out_of_scope`; an empty text is that too.

    Args:
        model: archive; by default the trained one.

    Raises:
        RasaEnvironmentMissing: set-up is not done.
        RasaFailed: no model was trained, or it cannot be loaded.
    """
    environment = rasa_environment(settings)
    model = model or max(model_folder(settings).glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)
    if model is None:
        raise RasaFailed("no trained model: run `tongqi nlu train`")
    asked = [as_text(text) for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.json"), Path(folder, "out.json")
        source.write_text(json.dumps([text for text in asked if text], ensure_ascii=False), "utf-8")
        _run(["nlu.predict", str(model), str(source), str(target)], environment, PREDICT_WITHIN)
        rows = iter(json.loads(target.read_text("utf-8")))
    return [_acted_on(next(rows)) if text else Understood("out_of_scope", 0.0, 0.0) for text in asked]


def fingerprint() -> str:
    """16 hex digits of what the model is made from; the encoder is fixed by the requirements."""
    digest = hashlib.sha256()
    for path in _input_files():
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _input_files() -> Iterator[Path]:
    for name in INPUTS:
        path = ROOT / name
        yield from sorted(p for p in path.rglob("*") if p.suffix in (".yml", ".py")) if path.is_dir() else (path,)


def _acted_on(row: dict[str, float | str]) -> Understood:
    intent = "out_of_scope" if row["intent"] == "nlu_fallback" else str(row["intent"])
    return Understood(intent, float(row["confidence"]), float(row["ms"]))


def _run(arguments: list[str], environment: dict[str, str], within: float) -> None:
    command = [str(PYTHON), "-m", *arguments]
    try:
        ended = subprocess.run(  # noqa: S603  our own programs
            command, cwd=ROOT, env=environment_with(environment), capture_output=True, text=True, timeout=within
        )
    except subprocess.TimeoutExpired as error:
        raise RasaFailed(f"`{' '.join(arguments[:2])}` took more than {within} s") from error
    if ended.returncode:
        last = (ended.stdout + ended.stderr).strip().splitlines()[-12:]
        raise RasaFailed("\n".join([f"`{' '.join(arguments[:2])}` failed:", *last]))
