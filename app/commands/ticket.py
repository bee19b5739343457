"""`tongqi ticket`: who waits for a person, and the conversation so far, until the console shows it."""

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import transcript
from conversations.models import Attachment, Ticket
from core.clock import LOCAL
from core.db import UNAVAILABLE, reading, reason_of
from core.logging import get_logger
from core.security import mask
from core.settings import get_district

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "audio/amr": "amr", "video/mp4": "mp4"}


@click.group()
def ticket() -> None:
    """Followers who wait for a person."""


@ticket.command("list")
def list_open() -> None:
    """List the open tickets, the most urgent first; phone and identity numbers are masked."""
    try:
        with reading() as session:
            rows = session.scalars(select(Ticket).where(Ticket.closed_at.is_(None)).order_by(Ticket.due_at)).all()
    except UNAVAILABLE as error:
        raise _no_database(error) from error
    for row in rows:
        question = mask(" ".join(row.question.split()))[:60]
        click.echo(f"{row.number}  until {row.due_at.astimezone(LOCAL):%m-%d %H:%M}  {question}")
    click.echo(f"{len(rows)} open")


@ticket.command()
@click.argument("number")
@click.option("--last", default=50, show_default=True, help="How many messages.")
@click.option("--reveal", is_flag=True, help="Show phone and identity numbers; this is logged.")
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), help="Folder for pictures, voices and files.")
def show(number: str, last: int, reveal: bool, save: Path | None) -> None:
    """Print the conversation of the follower with this ticket (such as T000042)."""
    try:
        with reading() as session:
            row = session.get(Ticket, int(number[1:])) if number[:1] == "T" and number[1:].isdecimal() else None
            if row is None:
                raise click.ClickException(f"no ticket {number}; see `tongqi ticket list`")
            lines = transcript.read(session, row.follower_id, last)
            saved = _save(session, lines, save) if save else {}
    except UNAVAILABLE as error:
        raise _no_database(error) from error
    if reveal:
        get_logger().warning("numbers revealed", ticket=number)
    assistant = get_district().assistant_name
    for line in lines:
        text = line.text if reveal else mask(line.text)
        note = f"  〔{line.note}〕" if line.note else ""
        kept = saved.get(line.attachment_id or 0) or ("stored, see --save" if line.attachment_id else "")
        attached = f"  〔{kept}〕" if kept else ""
        who = assistant if line.mine else "用户"
        click.echo(f"{line.at.astimezone(LOCAL):%m-%d %H:%M:%S} {who}: {text}{note}{attached}")


def _save(session: Session, lines: list[transcript.Line], folder: Path) -> dict[int, str]:
    """Write what is attached to the lines into the folder; the files' names by attachment."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {}
    for attachment_id in (line.attachment_id for line in lines if line.attachment_id):
        stored = session.get_one(Attachment, attachment_id)
        path = folder / f"{attachment_id}.{ENDINGS.get(stored.content_type or '', 'bin')}"
        path.write_bytes(stored.content or b"")
        names[attachment_id] = str(path)
    return names


def _no_database(error: Exception) -> click.ClickException:
    return click.ClickException(f"the database cannot be used: {reason_of(error)}; try `tongqi doctor`")
