"""`tongqi prepare`: the part of set-up that follows the installation of packages."""

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app import prepare as preparation
from app.prepare import STEPS, Step
from core.settings import generate_secrets, get_settings


@click.command()
def prepare() -> None:
    """Build the models, the database and the index; `make setup` calls it. Quick when nothing has changed."""
    generate_secrets()
    console = Console(highlight=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    shown = {}

    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def begun(step: Step) -> None:
            shown[step.name] = progress.add_task(_label(step))

        def done(step: Step, seconds: float) -> None:
            progress.remove_task(shown[step.name])
            console.print(f"{_label(step)}: done in {seconds:.0f} s")

        try:
            preparation.prepare(get_settings().tongqi_var / "log", begun, done)
        except preparation.StepFailed as error:
            raise click.ClickException(str(error)) from error


def _label(step: Step) -> str:
    return f"[{STEPS.index(step) + 1}/{len(STEPS)}] {step.title}"
