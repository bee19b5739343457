"""`tongqi qr`: parametrised QR codes of the official account."""

from pathlib import Path

import click

from app.account import account
from wechat_gateway.calls import qrcode
from wechat_gateway.scene import MAX_LENGTH, Scene, SceneKind

DAY = 86400
MAX_DAYS = qrcode.MAX_SECONDS // DAY


@click.group()
def qr() -> None:
    """QR codes that bring followers along with where they come from: an exhibition, an event, a group."""


@qr.command()
@click.argument("scene", metavar="KIND:VALUE")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), help=f"How long it lasts; {MAX_DAYS} unless told.")
@click.option("--permanent", is_flag=True, help="For ever: one of 100,000, which cannot be taken back.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File for the picture (JPEG).")
def create(scene: str, days: int | None, permanent: bool, out: Path | None) -> None:
    """Make a code whose scan carries KIND:VALUE, such as source:expo-2026, event:17 or group:songzhuang."""
    if permanent and days is not None:
        raise click.UsageError("give either --days or --permanent")
    text, seconds = str(_scene(scene)), (days or MAX_DAYS) * DAY
    with account() as client:
        code = qrcode.permanent(client, text) if permanent else qrcode.temporary(client, text, seconds)
        if out:
            _write(out, qrcode.picture(client, code))
    lasts = "for ever" if code.expires_in is None else f"{code.expires_in / DAY:g} days"
    click.echo(f"scene    {text}\nlasts    {lasts}\nticket   {code.ticket}\nurl      {code.url}")
    click.echo(f"picture  {out or code.picture_url}")


def _scene(text: str) -> Scene:
    kind, _, value = text.partition(":")
    if kind not in list(SceneKind) or not value:
        raise click.UsageError(f"the scene is KIND:VALUE, with KIND one of {', '.join(SceneKind)}")
    scene = Scene(SceneKind(kind), value)
    if len(str(scene)) > MAX_LENGTH:
        raise click.UsageError(f"the scene has {len(str(scene))} characters; WeChat takes {MAX_LENGTH}")
    return scene


def _write(path: Path, picture: bytes) -> None:
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
