"""`tongqi db`: the database's schema."""

import click

from app import database
from core.db import UNAVAILABLE, reason_of


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
def upgrade() -> None:
    """Apply the migrations that the database lacks."""
    try:
        database.upgrade()
    except UNAVAILABLE as error:
        raise click.ClickException(f"the database cannot be used: {reason_of(error)}") from error
    click.echo("database is up to date")
