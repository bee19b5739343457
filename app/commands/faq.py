"""`tongqi faq`: reviewed pairs of questions and an answer, until the console shows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from core.db import UNAVAILABLE, reason_of
from knowledge.errors import KnowledgeUnavailable, NotPossible
from knowledge.faq import service
from knowledge.faq.models import FaqState
from knowledge.faq.table import read_pairs
from knowledge.ingest.document import InvalidDocument

STATES = click.Choice([state.value for state in FaqState])
BY = click.option("--by", required=True, help="Who does this: author and publisher must be two persons.")
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def faq() -> None:
    """Questions that staff have answered themselves; what is published comes before the documents."""


@faq.command()
@click.option("-q", "--question", "questions", required=True, multiple=True, help="A phrasing; give several.")
@click.option("-a", "--answer", required=True, help="What is sent, up to 1,000 characters.")
@click.option("--owner", required=True, help="Who keeps the answer right.")
@click.option("--policy", help="Id of the policy it rests on; not in force, the pair is not told.")
@click.option("--note", default="", help="What else it rests on; followers see it. One of both is needed.")
@click.option("--from", "valid_from", type=DAY, help="First day on which it is told.")
@click.option("--until", "valid_until", type=DAY, help="Last day.")
@BY
def add(
    questions: tuple[str, ...],
    answer: str,
    owner: str,
    policy: str | None,
    note: str,
    valid_from: datetime | None,
    valid_until: datetime | None,
    by: str,
) -> None:
    """Draft a pair; a second person publishes it."""
    with _clear_errors():
        drafted = service.draft(
            questions,
            answer,
            owner,
            by,
            source_policy_id=policy,
            source_note=note,
            valid_from=valid_from.date() if valid_from else None,
            valid_until=valid_until.date() if valid_until else None,
        )
    click.echo(f"draft {drafted}; `tongqi faq publish {drafted}` by somebody else")


@faq.command("list")
@click.option("--state", type=STATES, default=FaqState.PUBLISHED.value, show_default=True)
def list_pairs(state: str) -> None:
    """List the pairs in one state, with who wrote and who reviewed them."""
    with _clear_errors():
        pairs = service.listing(FaqState(state))
    for pair in pairs:
        replaces = f", will replace {pair.replaces_id}" if pair.replaces_id and state == FaqState.DRAFT else ""
        people = f"by {pair.edited_by or pair.created_by}" + (
            f", reviewed by {pair.reviewed_by}" * bool(pair.reviewed_by)
        )
        click.echo(f"{pair.id}  {pair.questions[0].text}  [{people}, told {pair.hits} times{replaces}]")
        for question in pair.questions[1:]:
            click.echo(f"    {question.text}")
        click.echo(f"    → {' '.join(pair.answer.split())}")
        valid = f"{pair.valid_from or ''} – {pair.valid_until or ''}; " if pair.valid_from or pair.valid_until else ""
        rests_on = ", ".join(filter(None, (pair.source_policy_id, pair.source_note)))
        click.echo(f"    {valid}kept by {pair.owner}, rests on {rests_on}")
    click.echo(f"{len(pairs)} {state}")


@faq.command()
@click.argument("number", type=int)
@click.option("-q", "--question", "questions", multiple=True, help="A phrasing; those that are given replace all.")
@click.option("-a", "--answer", help="What is sent.")
@click.option("--owner", help="Who keeps the answer right.")
@click.option("--policy", "source_policy_id", help="Id of the policy it rests on.")
@click.option("--note", "source_note", help="What else it rests on.")
@click.option("--from", "valid_from", type=DAY, help="First day on which it is told.")
@click.option("--until", "valid_until", type=DAY, help="Last day.")
@BY
def edit(number: int, by: str, questions: tuple[str, ...], **fields: str | datetime | None) -> None:
    """Change draft NUMBER, or draft what will take published pair NUMBER's place; what is not given stays."""
    changes = {
        name: value.date() if isinstance(value, datetime) else value
        for name, value in {**fields, "questions": questions or None}.items()
        if value is not None
    }
    if not changes:
        raise click.UsageError("nothing is given that would change")
    with _clear_errors():
        edited = service.edit(number, changes, by)
    click.echo(f"draft {edited}; `tongqi faq publish {edited}` by somebody else")


@faq.command()
@click.argument("number", type=int)
@BY
def publish(number: int, by: str) -> None:
    """Tell draft NUMBER from now on, in place of the pair that it changes."""
    with _clear_errors():
        service.publish(number, by)
    click.echo(f"pair {number} is told from now on")


@faq.command()
@click.argument("number", type=int)
@BY
def retire(number: int, by: str) -> None:
    """Tell pair NUMBER no more, or give the draft up."""
    with _clear_errors():
        service.retire(number, by)
    click.echo(f"pair {number} is retired")


@faq.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@BY
def import_file(file: Path, by: str) -> None:
    """Draft the pairs of a TSV FILE, all or none: question, answer, owner, source policy id[, source note].

    Lines that differ in the question alone are phrasings of one pair.
    """
    with _clear_errors():
        drafted = service.draft_all(read_pairs(file), by)
    click.echo(f"{len(drafted)} drafted: {drafted[0]} to {drafted[-1]}")


@faq.command()
def index() -> None:
    """Encode all questions with the present model: needed after a change of EMBEDDING_MODEL."""
    with _clear_errors():
        click.echo(f"{service.encode_anew()} encoded")


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (NotPossible, InvalidDocument, KnowledgeUnavailable) as error:
        raise click.ClickException(str(error)) from error
    except UNAVAILABLE as error:
        reason = reason_of(error)
        raise click.ClickException(f"the database cannot be used: {reason}; try `tongqi doctor`") from error
