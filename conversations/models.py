"""Tables of the conversation: followers, inbound messages and what came with them, turns, deliveries, tickets."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.clock import now
from core.db import Base, state_column
from wechat_gateway.scene import SceneKind


class TurnState(StrEnum):
    """States of a turn; the allowed moves stand in turns.py."""

    RECEIVED = "received"
    RUNNING = "running"
    ANSWERED = "answered"
    DELIVERED_LATER = "delivered_later"
    FAILED = "failed"


class DeliveryState(StrEnum):
    """States of an outgoing message; the allowed moves stand in deliveries.py."""

    QUEUED = "queued"
    WAITING = "waiting"  # no quota left: goes out with the follower's next message
    SENDING = "sending"  # handed to WeChat, not confirmed yet: by a call, or in the body of a passive reply
    SENT = "sent"
    LEFT = "left"  # left for WeChat, whose word nobody has seen: the sender was killed meanwhile
    FAILED = "failed"


class AttachmentState(StrEnum):
    """States of a picture, voice or file; the allowed moves stand in attachments.py."""

    WANTED = "wanted"
    STORED = "stored"
    GONE = "gone"  # WeChat has it no more, or the follower has left


class Channel(StrEnum):
    """How an outgoing message reached WeChat."""

    PASSIVE = "passive"
    SERVICE = "service"  # customer-service message
    TERMINAL = "terminal"  # `tongqi ask`, no WeChat


class Follower(Base):
    """A person who follows (or followed) the official account."""

    __tablename__ = "followers"

    id: Mapped[int] = mapped_column(primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), unique=True)
    subscribed: Mapped[bool] = mapped_column(default=True, index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    unsubscribed_at: Mapped[datetime | None]
    generation: Mapped[int] = mapped_column(default=0)  # counts the dialogue sessions in Rasa
    generation_turns: Mapped[int] = mapped_column(default=0)
    source: Mapped[str | None] = mapped_column(String(64))  # the scene of the code by which he first followed
    agent: Mapped[str | None] = mapped_column(String(64))  # WeChat's own human service has him (see desk.py)
    agent_since: Mapped[datetime | None]


class Message(Base):
    """One message or event that WeChat delivered, however often it was redelivered."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), index=True)
    dedup_key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    fingerprint: Mapped[str | None] = mapped_column(
        String(64), unique=True, index=True
    )  # of the signed request: one message each
    received_at: Mapped[datetime] = mapped_column(default=now)


class Attachment(Base):
    """A picture, voice, video or file of a message, fetched from WeChat, which keeps it for three days only."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), index=True)
    media_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[AttachmentState] = mapped_column(state_column(AttachmentState), default=AttachmentState.WANTED)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)  # from then on the sweep may fetch it
    content_type: Mapped[str | None] = mapped_column(String(100))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    error: Mapped[str | None] = mapped_column(String(200))


class Scan(Base):
    """A follower scanned one of our QR codes: where he found us, an event, a community group."""

    __tablename__ = "scans"

    id: Mapped[int] = mapped_column(primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    kind: Mapped[SceneKind] = mapped_column(state_column(SceneKind))
    value: Mapped[str] = mapped_column(String(64))
    scanned_at: Mapped[datetime] = mapped_column(default=now)


class Turn(Base):
    """The work of answering one message."""

    __tablename__ = "turns"
    __table_args__ = (
        Index("ix_turns_open", "state", "lease_until", postgresql_where=text("state IN ('received', 'running')")),
        Index("ix_turns_follower_id_state", "follower_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"))
    utterance: Mapped[str | None] = mapped_column(Text)  # what the dialogue is told; None: answered without it
    intent: Mapped[str | None] = mapped_column(Text)  # told instead of the words, with its slash: a tapped button's
    pushes: Mapped[int] = mapped_column(default=1, server_default="1")  # how often WeChat has delivered the message
    state: Mapped[TurnState] = mapped_column(state_column(TurnState), default=TurnState.RECEIVED)
    attempts: Mapped[int] = mapped_column(default=0)
    runner: Mapped[str | None] = mapped_column(String(80))  # the process that runs it (turns.this_process)
    lease_until: Mapped[datetime] = mapped_column(default=now)  # from then on the sweep may take it
    late: Mapped[bool] = mapped_column(default=False)  # WeChat has its `success`; the answer goes by service message
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]

    follower: Mapped[Follower] = relationship()


class Delivery(Base):
    """One outgoing WeChat message, small enough to be sent in one piece."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_follower_id_state", "follower_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id"), index=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"))
    text: Mapped[str] = mapped_column(Text)  # what it says, in words
    message: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # its form where it is more than text (message.dump)
    choices: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)  # [{"title", "payload"}], numbered from 1
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # what the answer rests on, for staff
    state: Mapped[DeliveryState] = mapped_column(state_column(DeliveryState), default=DeliveryState.QUEUED)
    channel: Mapped[Channel | None] = mapped_column(state_column(Channel))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    due_at: Mapped[datetime] = mapped_column(default=now, index=True)  # from then on the sweep may send it
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]


class Ticket(Base):
    """A follower's wish to be answered by a person, with the time by which that is promised."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), index=True)
    turn_id: Mapped[int | None] = mapped_column(
        ForeignKey("turns.id"), unique=True
    )  # a repeated turn opens no second one
    question: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    @property
    def number(self) -> str:
        """What the follower may quote, such as `T000042`."""
        return f"T{self.id:06d}"
