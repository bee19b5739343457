"""What staff do with policies: accept or reject what an import proposes, edit, take back, switch off.

Every change is one transaction with numbers of its own (revision.py), so all processes see it with their next search. A
version's moves: proposed -> current | rejected; current -> replaced (by the next one); replaced | rejected -> current.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.db import affected, reading, transaction
from core.logging import get_logger
from knowledge import revision, succession
from knowledge.encoder import get_encoder
from knowledge.errors import NotPossible
from knowledge.ingest.document import make_document
from knowledge.ingest.metadata.relations import relations
from knowledge.ingest.store import Draft, front_of, prepare, store, version_of
from knowledge.models import Policy, PolicyVersion, Relation, RelationKind, VersionState

log = get_logger()


def pending() -> list[PolicyVersion]:
    """Versions that wait for a decision, oldest first."""
    return _versions(PolicyVersion.state == VersionState.PROPOSED)


def history(policy_id: str) -> list[PolicyVersion]:
    """All versions of a policy, oldest first."""
    return _versions(PolicyVersion.policy_id == policy_id)


def publish(draft: Draft, by: str, replaced_by: Iterable[str] = ()) -> Policy:
    """Make a draft what its policy says from now on.

    Args:
        draft: what it says.
        by: who decided it.
        replaced_by: policies that are later editions of it.
    """
    with _change() as (session, number):
        for newer in replaced_by:
            _replaces(session, newer, draft)
        return _publish(session, draft, version_of(draft), number, by)


def propose(draft: Draft, replaced_by: Iterable[str] = ()) -> int:
    """Keep a draft for a decision; id of its version. It takes the place of another one that waits for the same policy.

    Args:
        draft: what is proposed.
        replaced_by: policies, or what is proposed as one, that are later editions of it.
    """
    front = draft.document.front
    with transaction() as session:
        revision.hold(session)
        same = select(PolicyVersion.id).where(*_waiting(front.id), PolicyVersion.content_hash == draft.digest)
        if waits := session.scalar(same):
            return waits
        session.execute(
            update(PolicyVersion).where(*_waiting(front.id)).values(state=VersionState.REJECTED, decided_at=now())
        )
        version = version_of(draft)
        session.add(version)
        for newer in replaced_by:
            _replaces(session, newer, draft)
        session.flush()
        return version.id


def accept(version_id: int, by: str) -> Policy:
    """Publish a version that waits, or an earlier or rejected one after all; with that the policy counts as reviewed.

    Raises:
        NotPossible: no such version, or it is the current one.
        InvalidDocument: it is against the rules of front matter that hold by now.
        KnowledgeUnavailable: the embedding model is missing.
    """
    with reading() as session:
        kept = session.get(PolicyVersion, version_id)
    if kept is None:
        raise NotPossible(f"there is no version {version_id}")
    if kept.state is VersionState.CURRENT:
        raise NotPossible(f"version {version_id} is what {kept.policy_id} says already")
    document = make_document(kept.front, kept.body)
    origin = {"file_name": kept.file_name, "extracted": kept.extracted, "notes": tuple(kept.notes)}
    draft = prepare(document, get_encoder(), **origin)
    with _change() as (session, number):
        taken = update(PolicyVersion).where(PolicyVersion.id == version_id, PolicyVersion.state == kept.state)
        if not affected(session, taken.values(state=VersionState.CURRENT)):
            raise NotPossible(f"version {version_id} was decided on by somebody else meanwhile")
        return _publish(session, draft, session.get_one(PolicyVersion, version_id), number, by)


def reject(version_id: int, by: str) -> None:
    """Put a version that waits aside.

    Raises:
        NotPossible: it does not wait.
    """
    with transaction() as session:
        waiting = update(PolicyVersion).where(
            PolicyVersion.id == version_id, PolicyVersion.state == VersionState.PROPOSED
        )
        values = {"state": VersionState.REJECTED, "decided_at": now(), "decided_by": by}
        if not affected(session, waiting.values(**values)):
            raise NotPossible(f"version {version_id} does not wait for a decision")


def edit(policy_id: str, changes: Mapping[str, Any], by: str) -> Policy:
    """Change front matter (title, dates, category, tags, ...) of a policy; with that it counts as reviewed.

    Raises:
        NotPossible: no such policy, or it was changed by somebody else meanwhile.
        InvalidDocument: against the rules of front matter.
        KnowledgeUnavailable: the embedding model is missing.
    """
    with reading() as session:
        policy = _policy(session, policy_id)
        extracted = session.scalar(select(PolicyVersion.extracted).where(*_current(policy_id))) or {}
    front = front_of(policy)
    document = make_document({**front, **changes}, policy.body)
    if document.front.id != policy_id:
        raise NotPossible("a policy keeps its id")
    said = document.front.model_dump(mode="json")
    kept = {name: seen for name, seen in extracted.items() if said[name] == front[name]}
    draft = prepare(document, get_encoder(), file_name=policy.file_name, extracted=kept)
    with _change() as (session, number):
        if _policy(session, policy_id).content_hash != policy.content_hash:
            raise NotPossible(f"{policy_id} was changed by somebody else meanwhile; look at it again")
        return _publish(session, draft, version_of(draft), number, by)


def set_enabled(policy_id: str, enabled: bool, by: str) -> None:
    """Staff's switch: a policy that is off is in no answer and no push from now on.

    Raises:
        NotPossible: no such policy.
    """
    with _change() as (session, number):
        policy = _policy(session, policy_id)
        policy.enabled, policy.revision = enabled, number
        session.flush()
        succession.settle(session)
    log.info("policy switched", policy=policy_id, enabled=enabled, by=by)


@contextmanager
def _change() -> Iterator[tuple[Session, int]]:
    with transaction() as session:
        yield session, revision.next_number(session)


def _publish(session: Session, draft: Draft, version: PolicyVersion, number: int, by: str) -> Policy:
    version.decided_at, version.decided_by = now(), by
    policy = store(session, draft, version, number)
    _relate(session, policy, draft)
    succession.settle(session)
    log.info("policy published", policy=policy.id, revision=policy.revision, by=by)
    return policy


def _relate(session: Session, policy: Policy, draft: Draft) -> None:
    """Write down what a policy's text does to others.

    A sheet of our own says in its front matter what it replaces; its text speaks of other documents' relations.
    """
    session.execute(delete(Relation).where(Relation.policy_id == policy.id, Relation.target_id.is_(None)))
    for found in relations(policy.body, policy.title) if draft.extracted else ():
        session.add(
            Relation(
                policy_id=policy.id,
                kind=RelationKind(found.kind),
                target_title=found.title[:200],
                target_doc_no=found.doc_no[:200],
                evidence=found.evidence[:300],
                confidence=found.confidence,
            )
        )
    session.flush()


def _replaces(session: Session, newer: str, draft: Draft) -> None:
    """Write down that a policy, or the version that waits to become one, is a later edition of a draft."""
    older = draft.document.front
    if session.get(Policy, newer) is None:
        for version in session.scalars(select(PolicyVersion).where(*_waiting(newer))):
            replaced = version.front.get("replaces", [])
            version.front = {**version.front, "replaces": list(dict.fromkeys([*replaced, older.id]))}
        return
    known = select(Relation.id).where(Relation.policy_id == newer, Relation.target_id == older.id)
    if session.scalar(known) is None:
        relation = Relation(policy_id=newer, kind=RelationKind.REPLACES, target_id=older.id, confidence=1.0)
        relation.evidence = older.title
        session.add(relation)


def _policy(session: Session, policy_id: str) -> Policy:
    policy = session.get(Policy, policy_id)
    if policy is None:
        raise NotPossible(f"there is no policy {policy_id}")
    return policy


def _waiting(policy_id: str) -> tuple[ColumnElement[bool], ...]:
    return PolicyVersion.policy_id == policy_id, PolicyVersion.state == VersionState.PROPOSED


def _current(policy_id: str) -> tuple[ColumnElement[bool], ...]:
    return PolicyVersion.policy_id == policy_id, PolicyVersion.state == VersionState.CURRENT


def _versions(condition: ColumnElement[bool]) -> list[PolicyVersion]:
    with reading() as session:
        return list(session.scalars(select(PolicyVersion).where(condition).order_by(PolicyVersion.id)))
