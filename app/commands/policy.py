"""`tongqi policy`: the policies that are told, what imports have changed or propose, and staff's decisions on it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import yaml
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from core.clock import LOCAL, today
from core.db import UNAVAILABLE, reading, reason_of
from knowledge import versions
from knowledge.errors import KnowledgeUnavailable, NotPossible
from knowledge.ingest.store import front_of
from knowledge.models import Policy, PolicyVersion, Relation

BY = click.option("--by", required=True, help="Who decides this.")


@click.group()
def policy() -> None:
    """Policies, their versions, and what waits for a decision."""


@policy.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what is not in force.")
def list_policies(everything: bool) -> None:
    """List the policies in force; `?` stands before what nobody has looked at yet."""
    with _clear_errors(), reading() as session:
        query = select(Policy).order_by(Policy.category, Policy.id)
        rows = session.scalars(query if everything else query.where(Policy.in_force(today()))).all()
        for row in rows:
            until = f" until {row.expires}" if row.expires else ""
            gone = f" → {row.superseded_by}" if row.superseded_by else ""
            off = "" if row.enabled else " off"
            click.echo(
                f"{' ' if row.reviewed else '?'} {row.category}  {row.id}  {row.title}  {row.status}{until}{off}{gone}"
            )
    click.echo(f"{len(rows)} policies")


@policy.command()
@click.argument("policy_id")
def show(policy_id: str) -> None:
    """Print what is known of a policy: its front matter, relations and versions."""
    with _clear_errors():
        kept = versions.history(policy_id)
        with reading() as session:
            row = session.get(Policy, policy_id)
            relations = session.scalars(select(Relation).where(Relation.policy_id == policy_id)).all()
    if row is None and not kept:
        raise click.ClickException(f"there is no policy {policy_id}; see `tongqi policy list --all`")
    if row is not None:
        click.echo(yaml.safe_dump(front_of(row), allow_unicode=True, sort_keys=False).rstrip())
        if not row.enabled:
            click.echo("switched off")
        if row.superseded_by:
            click.echo(f"superseded by {row.superseded_by} on {row.superseded_on}")
    for relation in relations:
        target = relation.target_id or relation.target_title or relation.target_doc_no
        click.echo(f"{relation.kind} {target} ({relation.confidence:.2f}): {relation.evidence}")
    for version in kept:
        click.echo(_line(version))


@policy.command()
def changes() -> None:
    """List what imports propose, with what was extracted and how surely, for `accept` or `reject`."""
    with _clear_errors():
        waiting = versions.pending()
    for version in waiting:
        click.echo(_line(version))
        for name, seen in version.extracted.items():
            click.echo(f"    {name}: {version.front.get(name)} ({seen['confidence']:.2f}) {seen['evidence']}")
        for note in version.notes:
            click.echo(f"    {note}")
    click.echo(f"{len(waiting)} proposed")


@policy.command()
@click.argument("version", type=int)
@BY
def accept(version: int, by: str) -> None:
    """Publish VERSION: one that is proposed, or an earlier one again."""
    with _clear_errors():
        published = versions.accept(version, by)
    click.echo(f"{published.id} says this from now on")


@policy.command()
@click.argument("version", type=int)
@BY
def reject(version: int, by: str) -> None:
    """Put a proposed VERSION aside."""
    with _clear_errors():
        versions.reject(version, by)
    click.echo(f"version {version} is rejected")


@policy.command()
@click.argument("policy_id")
@click.argument("changed", nargs=-1, metavar="KEY=VALUE...")
@BY
def edit(policy_id: str, changed: tuple[str, ...], by: str) -> None:
    """Change front matter (`category=税收优惠`, `tags=[小微企业, 减税]`, `expires=` for none); without any, confirm it."""
    if wrong := [part for part in changed if not part.partition("=")[1]]:
        raise click.UsageError(f"{wrong[0]} is not KEY=VALUE")
    pairs = dict(part.partition("=")[::2] for part in changed)
    with _clear_errors():
        versions.edit(policy_id, {key: yaml.safe_load(value) for key, value in pairs.items()}, by)
    click.echo(f"{policy_id} is reviewed")


@policy.command()
@click.argument("policy_id")
@click.argument("state", type=click.Choice(["on", "off"]))
@BY
def switch(policy_id: str, state: str, by: str) -> None:
    """Switch a policy on or off: one that is off is in no answer from that moment on."""
    with _clear_errors():
        versions.set_enabled(policy_id, state == "on", by)
    click.echo(f"{policy_id} is {state}")


def _line(version: PolicyVersion) -> str:
    at = f"{(version.decided_at or version.created_at).astimezone(LOCAL):%Y-%m-%d %H:%M}"
    who = f" by {version.decided_by}" if version.decided_by else ""
    return f"version {version.id}  {version.policy_id}  {version.state}  {at}{who}  {version.file_name or ''}".rstrip()


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (NotPossible, ValueError, KnowledgeUnavailable, yaml.YAMLError) as error:  # YAML reads 2024-13-40 as a day
        raise click.ClickException(str(error).splitlines()[0]) from error
    except (DBAPIError, *UNAVAILABLE) as error:
        raise click.ClickException(
            f"the database cannot be used: {reason_of(error)}; try `tongqi db upgrade`"
        ) from error
