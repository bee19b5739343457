"""Which policy has taken which one's place: then the older one is told no more, and points to its successor.

A policy says so in its front matter (`replaces`), or in its text (“《…》同时废止”), which ingest/metadata/relations.py reads.
The older one lapses on the day on which the newer one takes effect, and only as long as staff leave that switched on, or
what in turn replaces that one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import today
from core.logging import get_logger
from knowledge import revision
from knowledge.ingest.document import first_day, last_day
from knowledge.ingest.metadata.relations import plain_title
from knowledge.models import Policy, Relation, RelationKind

log = get_logger()


@dataclass(frozen=True)
class Standing:
    """What decides who has taken a policy's place; as the columns of `Policy`."""

    id: str
    title: str
    doc_no: str | None
    issued: str | None
    effective_on: date | None
    enabled: bool
    replaces: list[str]
    superseded_by: str | None = None
    superseded_on: date | None = None


@dataclass(frozen=True)
class Claim:
    """That a policy's text, or staff, say that it replaces another one; as the columns of `Relation`."""

    policy_id: str
    target_id: str | None
    target_title: str
    target_doc_no: str


def settle(session: Session) -> list[str]:
    """Write into every policy what has taken its place, after anything has changed; ids of those that it concerns."""
    rows = {row.id: Standing(**row._mapping) for row in session.execute(select(*_columns(Policy, Standing)))}
    said = select(*_columns(Relation, Claim)).where(Relation.kind == RelationKind.REPLACES)
    found = successors(rows, (Claim(**row._mapping) for row in session.execute(said)), today())
    changed = []
    for row in rows.values():
        newer, since = found.get(row.id, (None, None))
        if (row.superseded_by, row.superseded_on) != (newer, since):
            policy = session.get_one(Policy, row.id)
            policy.superseded_by, policy.superseded_on = newer, since
            policy.revision = revision.next_number(session)
            changed.append(row.id)
            log.info("policy superseded" if newer else "policy no longer superseded", policy=row.id, by=newer)
    return changed


def successors(rows: Mapping[str, Standing], claims: Iterable[Claim], day: date) -> dict[str, tuple[str, date]]:
    """By policy: what has taken its place first, and from which day on.

    Of two that claim to replace each other neither does, unless their dates of issue decide: every edition of a statute
    may repeal “the” statute of its name.

    Args:
        rows: all policies by id.
        claims: what their texts say.
        day: from which a newer policy without dates counts, unless it counts already.
    """
    pairs = {(older, newer) for newer, older in (*_listed(rows), *_claimed(rows, claims)) if older != newer}
    pairs = {(older, newer) for older, newer in pairs if not _issued_later(rows[older].issued, rows[newer].issued)}
    newer_than: dict[str, list[str]] = defaultdict(list)
    for older, newer in pairs:
        if (newer, older) not in pairs:
            newer_than[older].append(newer)
    found = {}
    for older in list(newer_than):
        days = [
            (_takes_effect(rows[newer], rows[older], day), newer) for newer in _switched_on(older, newer_than, rows)
        ]
        if days:
            since, newer = min(days)
            found[older] = newer, since
    return found


def _switched_on(older: str, newer_than: Mapping[str, list[str]], rows: Mapping[str, Standing]) -> set[str]:
    """What replaces a policy and is switched on; in place of one that is off, what replaces that."""
    found, seen, look_at = set(), {older}, [older]
    while look_at:
        for newer in newer_than.get(look_at.pop(), ()):
            if newer in seen:
                continue
            seen.add(newer)
            if rows[newer].enabled:
                found.add(newer)
            else:
                look_at.append(newer)
    return found


def _listed(rows: Mapping[str, Standing]) -> Iterator[tuple[str, str]]:
    for row in rows.values():
        yield from ((row.id, older) for older in row.replaces if older in rows)


def _claimed(rows: Mapping[str, Standing], claims: Iterable[Claim]) -> Iterator[tuple[str, str]]:
    by_title, by_number = defaultdict(set), defaultdict(set)
    for row in rows.values():
        by_title[plain_title(row.title)].add(row.id)
        if row.doc_no:
            by_number[row.doc_no].add(row.id)
    for claim in claims:
        older = {claim.target_id} if claim.target_id and claim.target_id in rows else set()
        if claim.target_title:
            older |= by_title[plain_title(claim.target_title)]
        if claim.target_doc_no:
            older |= by_number[claim.target_doc_no]
        yield from ((claim.policy_id, one) for one in older)


def _issued_later(one: str | None, other: str | None) -> bool:
    """Whether a day, known to the year at least, is surely later than another."""
    return bool(one and other) and first_day(one or "") > last_day(other or "")


def _takes_effect(newer: Standing, older: Standing, day: date) -> date:
    if newer.effective_on or newer.issued:
        return newer.effective_on or first_day(newer.issued or "")
    return older.superseded_on if older.superseded_by == newer.id and older.superseded_on else day


def _columns(table: type[Policy | Relation], kind: type[Standing | Claim]) -> list[Any]:
    return [getattr(table, name) for name in kind.__dataclass_fields__]
