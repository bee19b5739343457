"""`tongqi clock`: let every process believe it is another time, for demonstrations and tests."""

from datetime import datetime

import click

from core import clock as service


@click.group()
def clock() -> None:
    """The clock of all processes (only where TONGQI_ALLOW_CLOCK=1)."""


@clock.command("set")
@click.argument("moment", metavar="ISO|real")
def set_moment(moment: str) -> None:
    """Let the clock read ISO (local time unless it names a zone) from now on, or the real time again."""
    try:
        service.set_clock(None if moment == "real" else datetime.fromisoformat(moment))
    except ValueError as error:
        raise click.ClickException(f"not an ISO time: {moment}") from error
    except PermissionError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"it is {service.local_now():%Y-%m-%d %H:%M:%S}")
