"""`tongqi nlu`: train the understanding model, put texts to it, measure it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot import model
from bot.model import RasaFailed
from bot.rasa_process import RasaEnvironmentMissing
from bot.scores import Scores, score
from core.settings import get_settings

CONFUSIONS = 15  # shown by eval
TAB = "\t"
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def nlu() -> None:
    """Understanding of messages: train, predict, evaluate."""


@nlu.command()
@click.option("--force", is_flag=True, help="Train although nothing changed.")
def train(force: bool) -> None:
    """Train the model on nlu/data, unless it is up to date. Takes about half a minute."""
    started = time.monotonic()
    with _clear_failure():
        path, fresh = model.train(get_settings(), force)
    click.echo(f"trained {path.name} in {time.monotonic() - started:.0f} s" if fresh else f"{path.name} is up to date")


@nlu.command()
@click.option("--in", "source", required=True, type=EXISTING, help="One text a line, UTF-8.")
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="text, label, confidence.")
def predict(source: Path, target: Path) -> None:
    """Write `text<TAB>label<TAB>confidence` for each line; the label is what the bot acts on."""
    texts = _lines(source)
    with _clear_failure():
        understood = model.predict(get_settings(), texts)
    rows = [
        f"{text.replace(TAB, ' ')}\t{row.intent}\t{row.confidence:.4f}\n"
        for text, row in zip(texts, understood, strict=True)
    ]
    try:
        target.write_text("".join(rows), "utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {target}: {error.strerror}") from error
    click.echo(f"{len(rows)} lines in {target}")


@nlu.command("eval")
@click.argument("source", metavar="FILE", type=EXISTING)
def evaluate(source: Path) -> None:
    """Compare with FILE, `label<TAB>text` a line: accuracy, macro-F1, each label, the commonest confusions."""
    labels, texts = labelled(source)
    with _clear_failure():
        understood = model.predict(get_settings(), texts)
    _show(score(labels, [row.intent for row in understood]), len(texts))


def labelled(source: Path) -> tuple[list[str], list[str]]:
    """(labels, texts) of a file of `label<TAB>text` lines; empty lines are passed over.

    Raises:
        click.ClickException: a line has no tab, or there is no line.
    """
    labels, texts = [], []
    for number, line in enumerate(_lines(source), 1):
        if not line.strip():
            continue
        label, tab, text = line.partition("\t")
        if not tab:
            raise click.ClickException(f"{source}:{number}: not `label<TAB>text`")
        labels.append(label.strip())
        texts.append(text.split("\t")[0])
    if not texts:
        raise click.ClickException(f"{source}: no lines")
    return labels, texts


def _lines(source: Path) -> list[str]:
    try:
        text = source.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"cannot read {source}: {error}") from error
    lines = text.split("\n")  # not splitlines(): a text may hold other separators, and each line keeps its place
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def _show(scores: Scores, lines: int) -> None:
    click.echo(f"lines {lines}  accuracy {scores.accuracy:.3f}  macro-F1 {scores.macro_f1:.3f}\n")
    click.echo(f"{'label':<18}{'precision':>10}{'recall':>8}{'F1':>8}{'lines':>7}")
    for name, label in scores.labels.items():
        click.echo(f"{name:<18}{label.precision:>10.3f}{label.recall:>8.3f}{label.f1:>8.3f}{label.lines:>7}")
    click.echo("\nexpected -> given")
    for expected, given, count in scores.confusions[:CONFUSIONS]:
        click.echo(f"{count:>4}  {expected} -> {given}")


@contextmanager
def _clear_failure() -> Iterator[None]:
    try:
        yield
    except (RasaEnvironmentMissing, RasaFailed) as error:
        raise click.ClickException(str(error)) from error
