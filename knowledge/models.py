"""Tables of the knowledge base: policies as their sources give them, and the passages they are cited by."""

from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, Text, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
    enabled: Mapped[bool] = mapped_column(default=True)
    """Staff's switch; ingesting again leaves it alone."""
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
        )


class Chunk(Base):
    """A passage: whole sentences of one section. Ids are never used again, so an old index finds nothing wrong."""

    __tablename__ = "policy_chunks"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[str] = mapped_column(ForeignKey(Policy.id, ondelete="CASCADE"), index=True)
    position: Mapped[int]
    heading: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    policy: Mapped[Policy] = relationship(back_populates="chunks")
