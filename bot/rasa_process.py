"""The Rasa environment (Python 3.10) as seen from the service: where it is, and how its programs are started."""

from pathlib import Path
from urllib.parse import urlsplit

from core.settings import ROOT, Settings

PYTHON = ROOT / ".venv-rasa" / "bin" / "python"


class RasaEnvironmentMissing(RuntimeError):
    """The Rasa environment, or what it works with, is not there; the message says how to mend it."""


def model_folder(settings: Settings) -> Path:
    """Where the trained model is; Rasa loads the newest archive in it."""
    return settings.tongqi_var / "models" / "rasa"


def rasa_environment(settings: Settings) -> dict[str, str]:
    """Environment variables that any program of the Rasa environment needs besides those of this process.

    Raises:
        RasaEnvironmentMissing: no `.venv-rasa`, or no sentence encoder.
    """
    if not PYTHON.exists():
        raise RasaEnvironmentMissing("the Rasa environment .venv-rasa is missing: run `make setup`")
    if not (settings.tongqi_var / "models" / "e5-small" / "model.int8.onnx").exists():
        raise RasaEnvironmentMissing("the sentence encoder is missing: run `make setup` or `tongqi knowledge encoder`")
    return {
        "PYTHONPATH": str(ROOT),
        "TONGQI_VAR": str(settings.tongqi_var),
        "OMP_NUM_THREADS": "1",  # two spin-waiting threads on two cores make p95 ten times worse
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_MAX_CACHE_SIZE": "0",  # else training leaves a folder .rasa in the project
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "MPLCONFIGDIR": str(settings.tongqi_var / "cache"),  # Rasa imports matplotlib, which wants a place to write
        "PYTHONWARNINGS": "ignore",  # Rasa's own libraries warn on every start about each other
    }


def rasa_command(settings: Settings, port: int | None = None) -> tuple[list[str], dict[str, str]]:
    """(arguments, extra environment variables) of the Rasa server, bound to loopback.

    Args:
        port: port to listen on; by default that of the first of `rasa_urls`.

    Raises:
        RasaEnvironmentMissing: see `rasa_environment`; or no model was trained.
    """
    if not any(model_folder(settings).glob("*.tar.gz")):
        raise RasaEnvironmentMissing("no trained model: run `tongqi nlu train`")
    environment = rasa_environment(settings) | {
        "TONGQI_ACTIONS_WEBHOOK": f"{settings.actions_url}/webhook",
        # Rasa's SQLAlchemy is 1.4 with psycopg2.
        "TONGQI_TRACKER_URL": settings.rasa_tracker_url.replace("postgresql+psycopg://", "postgresql://", 1),
        "RASA_TOKEN": settings.rasa_token.get_secret_value(),
    }
    arguments = [str(PYTHON), "-m", "nlu.serve", "--endpoints", str(ROOT / "endpoints.yml")]
    arguments += ["--model", str(model_folder(settings))]
    arguments += ["--interface", "127.0.0.1", "--port", str(port or urlsplit(settings.rasa_urls[0]).port or 5005)]
    return arguments, environment
