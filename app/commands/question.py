"""`tongqi question`: what followers asked in vain, and why they were answered as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from core.clock import LOCAL
from core.db import UNAVAILABLE, reason_of
from core.security import mask
from knowledge.errors import NotPossible
from knowledge.records import questions, service


@click.group()
def question() -> None:
    """Questions without a good answer, and what is known of each answer."""


@question.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="How many.")
def list_open(limit: int) -> None:
    """List the open questions, those asked most often first; phone and identity numbers are masked."""
    with _clear_errors():
        rows = questions.listing(limit)
    for row in rows:
        asked = f"{row.last_asked_at.astimezone(LOCAL):%m-%d %H:%M}"
        click.echo(f"{row.id}  {row.count}×  {row.reason:<10}  {asked}  {' '.join(row.text.split())}")
    click.echo(f"{len(rows)} open")


@question.command()
@click.argument("number", type=int)
@click.option("--by", required=True, help="Who has seen to it.")
@click.option("--faq", "faq_id", type=int, help="The pair that was written for it.")
def close(number: int, by: str, faq_id: int | None) -> None:
    """Put question NUMBER aside as seen to; asked again in vain, it opens anew."""
    with _clear_errors():
        questions.close(number, by, faq_id)
    click.echo(f"question {number} is done")


@question.command()
@click.argument("record", type=int)
def explain(record: int) -> None:
    """Print why the bot said what it said: RECORD is the number of the answer."""
    with _clear_errors():
        found = service.explain(record)
    if found is None:
        raise click.ClickException(f"there is no record {record}")
    click.echo(f"asked       {found.asked_at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}  {mask(found.question)}")
    click.echo(f"searched    {mask(found.rewritten['text'])}")
    for change in found.rewritten["changes"]:
        click.echo(f"            {change['kind']}: {mask(change['said'])} → {mask(change['meant'])}")
    pair = f", pair {found.faq_id}" if found.faq_id else ""
    click.echo(f"verdict     {found.verdict}{pair}, confidence {found.confidence:.2f}")
    click.echo(f"known       revision {found.revision}, model {found.encoder}")
    for candidate in found.candidates:
        click.echo(f"candidate   {_candidate(candidate)}")
    for chosen in found.chosen:
        for passage in chosen["passages"]:
            click.echo(f"cited       {chosen['policy_id']}: {passage}")
    click.echo(f"rated       {found.rating or 'not'}")


def _candidate(one: dict[str, Any]) -> str:
    scores = f"{one['score']:.2f} (words {one['lexical']:.1f}, meaning {one['dense']:.3f})"
    return f"{scores}  {one['policy_id']}  {one['title']}"


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except NotPossible as error:
        raise click.ClickException(str(error)) from error
    except UNAVAILABLE as error:
        reason = reason_of(error)
        raise click.ClickException(f"the database cannot be used: {reason}; try `tongqi doctor`") from error
