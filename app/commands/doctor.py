"""`tongqi doctor`: what is wrong, and how to mend it."""

import subprocess
import sys

import click
from rich.console import Console

from app import health
from core.settings import ROOT, Settings, get_settings


@click.command()
def doctor() -> None:
    """Check versions, settings, database, Redis, Rasa, index, worker and WeChat's credentials."""
    console = Console()
    checks = {"python": _python(), "rasa environment": _rasa_environment(), "settings": _settings()}
    checks |= health.run((*health.READINESS, "gateway", *_wechat_parts(get_settings())))
    for name, check in checks.items():
        console.print(f"{'[green]ok ' if check.ok else '[red]bad'}[/] {name}: {check.detail}", highlight=False)
        if check.mend:
            console.print(f"    mend: {check.mend}", highlight=False)
    if not all(check.ok for check in checks.values()):
        sys.exit(1)


def _python() -> health.Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return health.Check(sys.version_info[:2] == (3, 11), version, "" if version.startswith("3.11") else "make setup")


def _rasa_environment() -> health.Check:
    python = ROOT / ".venv-rasa" / "bin" / "python"
    try:
        command = [str(python), "-c", "from importlib.metadata import version; print('rasa', version('rasa'))"]
        shown = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        return health.Check(False, type(error).__name__, "make setup")
    return health.Check(True, shown.stdout.strip())


def _settings() -> health.Check:
    settings = get_settings()  # what does not fit the schema was refused when the command began
    return health.Check(True, "sandbox" if settings.sandboxed else f"official account, {settings.wechat_mode} mode")


def _wechat_parts(settings: Settings) -> tuple[str, ...]:
    return ("sandbox",) if settings.sandboxed else ("wechat",)
