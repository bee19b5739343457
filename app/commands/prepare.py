"""`tongqi prepare`: the part of set-up that follows the installation of packages."""

import itertools

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from app import prepare as preparation
from app.prepare import STEPS, Step
from core.settings import generate_secrets, get_settings


@click.command()
def prepare() -> None:
    """Build the models, the database and the index; `make setup` calls it. Quick when nothing has changed."""
    generate_secrets()
    console = Console(highlight=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}
        finished = itertools.count(1)

        def begun(step: Step) -> None:
            tasks[step.name] = progress.add_task(step.title)
            if not console.is_terminal:
                console.print(f"{step.title} ...")

        def done(step: Step, seconds: float | None) -> None:
            if step.name in tasks:
                progress.remove_task(tasks[step.name])
            outcome = "up to date" if seconds is None else f"done in {seconds:.0f} s"
            console.print(f"[{next(finished)}/{len(STEPS)}] {step.title}: {outcome}")

        try:
            preparation.prepare(get_settings(), begun, done)
        except preparation.StepFailed as error:
            raise click.ClickException(str(error)) from error
