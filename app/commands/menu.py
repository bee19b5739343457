"""`tongqi menu`: the menu of the official account, kept in a file."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from app.account import account
from bot.intents import INTENTS
from core.settings import ROOT
from wechat_gateway.calls import menu as calls
from wechat_gateway.calls.menu import Buttons

MENU_FILE = ROOT / "menu.yml"


@click.group()
def menu() -> None:
    """The menu of the official account: what is published, and publishing menu.yml."""


@menu.command()
def show() -> None:
    """Print what is published, in the form of menu.yml."""
    with account() as client:
        click.echo("".join(_lines(calls.get(client))) or "no menu is published")


@menu.command("publish")
@click.option(
    "--file",
    "path",
    default=MENU_FILE,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The menu, in YAML.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
def publish_file(path: Path, dry_run: bool) -> None:
    """Publish the menu in --file (default: menu.yml) where it differs from what is published."""
    difference = publish(read_menu(path), dry_run)
    click.echo(difference or "no difference")
    if difference and not dry_run:
        click.echo("published; phones show it after some minutes, or at once when the account is followed anew")


def publish(wanted: Buttons, dry_run: bool = False) -> str:
    """Publish the menu where it differs from what is published, and read back what WeChat made of it.

    Returns:
        The difference as a unified diff, or "".

    Raises:
        ClickException: WeChat refuses it, or has made something else of it.
    """
    with account() as client:
        difference = _difference(calls.get(client), wanted)
        if difference and not dry_run:
            calls.create(client, wanted)
            if left := _difference(calls.get(client), wanted):
                raise click.ClickException(f"WeChat has made something else of it:\n{left}")
    return difference


def read_menu(path: Path) -> Buttons:
    """The menu in a file.

    Raises:
        ClickException: not a menu that WeChat would take, or a button's key is no intent; all of it is named.
    """
    try:
        data: Any = yaml.safe_load(path.read_text("utf-8"))
        buttons = calls.read_buttons(data.get("button") if isinstance(data, dict) else None)
    except (ValueError, yaml.YAMLError) as error:
        raise click.ClickException(f"{path.name}: {error}") from error
    if problems := [*calls.problems_of(buttons), *_unknown_keys(buttons)]:
        raise click.ClickException("\n".join(f"{path.name}: {problem}" for problem in problems))
    return buttons


def _unknown_keys(buttons: Buttons) -> Iterator[str]:
    for button in buttons:
        if button.type == "click" and button.key not in INTENTS:
            yield f"“{button.name}”: key “{button.key}” is no intent of bot/intents.py"
        yield from _unknown_keys(button.sub_button)


def _difference(published: Buttons | None, wanted: Buttons) -> str:
    return "".join(difflib.unified_diff(_lines(published), _lines(wanted), "published", "wanted"))


def _lines(buttons: Buttons | None) -> list[str]:
    if not buttons:
        return []
    data = {"button": [button.as_json() for button in buttons]}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000).splitlines(keepends=True)
