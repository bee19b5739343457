"""`tongqi`: one command for operators and developers. Each group is a file in app/commands/."""

import importlib
import sys
from logging import WARNING

import click
from pydantic import ValidationError

from core.logging import configure
from core.settings import get_district, problems_of

# name -> module:attribute. Loaded when used: `tongqi ask` need not wait for the imports of `tongqi knowledge`.
COMMANDS = {
    "run": "app.commands.run:run",
    "prepare": "app.commands.prepare:prepare",
    "doctor": "app.commands.doctor:doctor",
    "ask": "app.commands.ask:ask",
    "chat": "app.commands.ask:chat",
    "nlu": "app.commands.nlu:nlu",
    "knowledge": "app.commands.knowledge:knowledge",
    "policy": "app.commands.policy:policy",
    "faq": "app.commands.faq:faq",
    "question": "app.commands.question:question",
    "ticket": "app.commands.ticket:ticket",
    "menu": "app.commands.menu:menu",
    "qr": "app.commands.qr:qr",
    "db": "app.commands.db:db",
    "clock": "app.commands.clock:clock",
}


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tongqi")
def cli() -> None:
    """通企: a WeChat service assistant for a district's small and medium enterprises."""


def main() -> None:
    """Entry point of the `tongqi` script."""
    try:
        configure("cli", minimum=WARNING)
        get_district()
    except ValidationError as error:
        click.echo(f"Error: settings: {problems_of(error)}; correct the environment, .env or district.yml", err=True)
        sys.exit(1)
    cli()
