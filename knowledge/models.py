"""Tables of the knowledge base: policies as their sources give them, and the passages they are cited by."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    and_,
    false,
    or_,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.clock import now
from core.db import Base, state_column


class Status(StrEnum):
    """Whether a policy is in force, as its source says; names as in the sheets."""

    CURRENT = "现行"
    EXPIRED = "已失效"
    UNCERTAIN = "不确定"


class Policy(Base):
    """One policy sheet: the front matter as columns, the text, and whether it may be used at all.

    Days known only to the month or year stand as written in `issued`, `effective` and `expires`; `effective_on` and
    `expires_on` are the first and last day they can mean, and decide what is in force.
    """

    __tablename__ = "policies"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    doc_no: Mapped[str | None] = mapped_column(String(200))
    issuer: Mapped[list[str]] = mapped_column(JSON)
    level: Mapped[str] = mapped_column(String(20))
    issued: Mapped[str | None] = mapped_column(String(10))
    effective: Mapped[str | None] = mapped_column(String(10))
    expires: Mapped[str | None] = mapped_column(String(10))
    effective_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    status: Mapped[Status] = mapped_column(state_column(Status))
    category: Mapped[str] = mapped_column(String(40), index=True)
    tags: Mapped[list[str]] = mapped_column(JSON)
    audience: Mapped[str] = mapped_column(Text)
    source_url: Mapped[str | None] = mapped_column(Text)
    source_seen: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str] = mapped_column(String(10))
    guide: Mapped[bool]
    """A guide written from policies: it answers its topic and is in no general search."""
    compare_with: Mapped[list[str]] = mapped_column(JSON)
    """Policies that give other figures for the same thing and must be told with this one."""
    replaces: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Ids of policies whose place it has taken, as its front matter says; see succession.py for what its text says."""
    asked: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """How people ask for what it says: searched like its passages and never shown."""
    enabled: Mapped[bool] = mapped_column(default=True)
    """Staff's switch; ingesting again leaves it alone."""
    superseded_by: Mapped[str | None] = mapped_column(String(80))
    """Id of the policy that has taken its place, or will on `superseded_on`."""
    superseded_on: Mapped[date | None]
    reviewed: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Somebody has seen to what was extracted or proposed: title, dates, category, tags."""
    file_name: Mapped[str | None] = mapped_column(String(200))
    """Of the file that the text was read from."""
    revision: Mapped[int] = mapped_column(default=0, server_default="0", index=True)
    """Number of its latest change among all changes of all policies; see revision.py."""
    body: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    chunks: Mapped[list["Chunk"]] = relationship(
        back_populates="policy", cascade="all, delete-orphan", order_by="Chunk.position"
    )

    @classmethod
    def in_force(cls, day: date) -> ColumnElement[bool]:
        """Condition: may be told on that day. Everything that answers or pushes must ask this (ARCHITECTURE, 4)."""
        return and_(
            cls.enabled.is_(True),
            cls.status != Status.EXPIRED,
            or_(cls.effective_on.is_(None), cls.effective_on <= day),
            or_(cls.expires_on.is_(None), cls.expires_on >= day),
            or_(cls.superseded_on.is_(None), cls.superseded_on > day),
        )


class Chunk(Base):
    """A passage: whole sentences of one section; or what is searched in its place.

    Ids are never used again, so an old index finds nothing wrong.
    """

    __tablename__ = "policy_chunks"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[str] = mapped_column(ForeignKey(Policy.id, ondelete="CASCADE"), index=True)
    position: Mapped[int]
    heading: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[bool] = mapped_column(default=False, server_default=false())
    """No passage but a question of `Policy.asked`."""
    encoder: Mapped[str | None] = mapped_column(String(200))
    """Name of the model that made `vector`."""
    vector: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """float32, of length 1."""
    policy: Mapped[Policy] = relationship(back_populates="chunks")


class VersionState(StrEnum):
    """What became of a version; the moves stand in versions.py."""

    PROPOSED = "proposed"
    CURRENT = "current"
    REPLACED = "replaced"
    REJECTED = "rejected"


class PolicyVersion(Base):
    """One import or edit of a policy, reviewable: what it says, where it comes from, how sure what was extracted is."""

    __tablename__ = "policy_versions"
    __table_args__ = (Index("ix_policy_versions_policy_id_state", "policy_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[str] = mapped_column(String(80))  # no foreign key: a proposed one may have no policy yet
    state: Mapped[VersionState] = mapped_column(state_column(VersionState))
    front: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str | None] = mapped_column(String(200))
    extracted: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By field: {"confidence", "evidence"}; empty where a sheet's own front matter said all."""
    notes: Mapped[list[str]] = mapped_column(JSON)
    """For staff: what was read by OCR, what looks like another document."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))


class RelationKind(StrEnum):
    """How one policy stands to another."""

    REPLACES = "replaces"
    AMENDS = "amends"
    IMPLEMENTS = "implements"


class Relation(Base):
    """What a policy says of another one, which may not be here (yet)."""

    __tablename__ = "policy_relations"
    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[str] = mapped_column(ForeignKey(Policy.id, ondelete="CASCADE"), index=True)
    kind: Mapped[RelationKind] = mapped_column(state_column(RelationKind))
    target_id: Mapped[str | None] = mapped_column(String(80), index=True)
    target_title: Mapped[str] = mapped_column(String(200), default="")
    target_doc_no: Mapped[str] = mapped_column(String(200), default="")
    evidence: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[float]


class Revision(Base):
    """One row: the number of the latest change. Its row lock puts the changes of all processes in one order."""

    __tablename__ = "knowledge_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
