"""A document into the tables: what it says, its passages with their vectors, and the version that stays of what it said."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from knowledge.encoder import Encoder
from knowledge.index.live import passage_text
from knowledge.ingest import splitter
from knowledge.ingest.document import Document, FrontMatter, first_day, last_day
from knowledge.models import Chunk, Policy, PolicyVersion, VersionState


@dataclass(frozen=True)
class Draft:
    """A document that is ready to be stored: split and encoded, which takes time and needs no transaction.

    Attributes:
        digest: the same for the same document split in the same way.
        extracted: by field, what the front matter was extracted from: {"confidence", "evidence"}; empty for a sheet.
        notes: for staff, one line each.
        reviewed: somebody has said or confirmed what stands in its front matter.
    """

    document: Document
    digest: str
    chunks: Sequence[Chunk]
    file_name: str | None = None
    extracted: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reviewed: bool = True


def digest_of(document: Document) -> str:
    """What changes with anything that a document says, or with the way it is split (64 hexadecimal digits)."""
    content = f"{splitter.VERSION}\n{document.front.model_dump_json()}\n{document.body}"
    return hashlib.sha256(content.encode()).hexdigest()


def prepare(document: Document, encoder: Encoder, **origin: Any) -> Draft:
    """Split and encode.

    Args:
        document: to be stored.
        encoder: of the vectors.
        origin: `file_name`, `extracted`, `notes`, `reviewed` of the draft.
    """
    chunks = [
        Chunk(position=position, heading=passage.heading[:80], text=passage.text)
        for position, passage in enumerate(splitter.split(document.body))
    ]
    if chunks:
        chunks += [
            Chunk(position=len(chunks) + number, heading="", text=question, asked=True)
            for number, question in enumerate(document.front.asked)
        ]
    encode(fields_of(Policy(id=document.front.id), document.front), chunks, encoder)
    return Draft(document, digest_of(document), chunks, **origin)


def encode(policy: Policy, chunks: Sequence[Chunk], encoder: Encoder) -> None:
    """Give passages of a policy their vectors."""
    if not chunks:
        return
    vectors = encoder.passages([passage_text(policy, chunk) for chunk in chunks])
    for chunk, vector in zip(chunks, vectors, strict=True):
        chunk.vector, chunk.encoder = vector.tobytes(), encoder.name


def store(session: Session, draft: Draft, version: PolicyVersion, number: int) -> Policy:
    """Make a draft what the policy says from now on, and `version`, which keeps it, the current one.

    Staff's switch stays as it is; what the policy said before stays as a version.

    Args:
        session: of the change.
        draft: what it says.
        version: of that draft.
        number: of the change, see revision.py.
    """
    front = draft.document.front
    policy = session.get(Policy, front.id) or Policy(id=front.id, enabled=True)
    fields_of(policy, front)
    policy.body, policy.content_hash = draft.document.body, draft.digest
    policy.file_name, policy.reviewed = draft.file_name, draft.reviewed
    policy.chunks = list(draft.chunks)
    policy.revision = number
    session.add(policy)
    current = (PolicyVersion.policy_id == front.id, PolicyVersion.state == VersionState.CURRENT)
    session.execute(update(PolicyVersion).where(*current).values(state=VersionState.REPLACED))
    version.state = VersionState.CURRENT
    session.add(version)
    session.flush()
    return policy


def version_of(draft: Draft) -> PolicyVersion:
    """The version that keeps a draft, not decided on yet."""
    return PolicyVersion(
        policy_id=draft.document.front.id,
        state=VersionState.PROPOSED,
        front=draft.document.front.model_dump(mode="json"),
        body=draft.document.body,
        content_hash=draft.digest,
        file_name=draft.file_name,
        extracted=draft.extracted,
        notes=list(draft.notes),
    )


def fields_of(policy: Policy, front: FrontMatter) -> Policy:
    """Write front matter into a policy's columns; returns the policy."""
    for key, value in front.model_dump(exclude={"id"}).items():
        setattr(policy, key, value)
    policy.effective_on = first_day(front.effective) if front.effective else None
    policy.expires_on = last_day(front.expires) if front.expires else None
    return policy


def front_of(policy: Policy) -> dict[str, Any]:
    """A policy's columns as front matter."""
    front = {name: getattr(policy, name) for name in FrontMatter.model_fields}
    return FrontMatter.model_validate(front).model_dump(mode="json")
