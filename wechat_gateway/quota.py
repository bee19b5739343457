"""WeChat's quota of customer-service messages, kept per follower: nothing is sent that WeChat would refuse.

Source of the figures: the platform's page on customer-service messages as of June 2023 (a user's message: 5 within
48 hours; a menu click, a scan or following: 3 within one minute).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.clock import now
from core.db import Base, affected, state_column, upsert


class Opening(StrEnum):
    """What opens a window in which the account may write."""

    MESSAGE = "message"
    MOMENT = "moment"  # menu click, scan, follow


ALLOWED = {Opening.MESSAGE: (5, timedelta(hours=48)), Opening.MOMENT: (3, timedelta(minutes=1))}


class QuotaWindow(Base):
    """How many messages one follower may still be sent, and until when."""

    __tablename__ = "quota_windows"

    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id"), primary_key=True)
    opening: Mapped[Opening] = mapped_column(state_column(Opening), primary_key=True)
    remaining: Mapped[int]
    closes_at: Mapped[datetime]


def open_windows(session: Session, openings: Sequence[tuple[int, Opening]]) -> None:
    """Start windows (follower id, opening) anew: these followers have just written, clicked, scanned or followed."""
    moment, rows = now(), []
    for follower_id, opening in openings:
        allowed, lasts = ALLOWED[opening]
        rows.append({"follower_id": follower_id, "opening": opening, "remaining": allowed, "closes_at": moment + lasts})
    upsert(session, QuotaWindow, ("follower_id", "opening"), rows)


def reserve(session: Session, follower_id: int) -> bool:
    """Take one message from the follower's quota, the short window first; False where nothing is left."""
    for opening in (Opening.MOMENT, Opening.MESSAGE):
        taken = affected(
            session,
            update(QuotaWindow)
            .where(
                QuotaWindow.follower_id == follower_id,
                QuotaWindow.opening == opening,
                QuotaWindow.remaining > 0,
                QuotaWindow.closes_at > now(),
            )
            .values(remaining=QuotaWindow.remaining - 1),
        )
        if taken:
            return True
    return False


def close_windows(session: Session, follower_id: int) -> None:
    """Nothing more may be sent: WeChat said so (45015, 45047), or the follower has left."""
    session.execute(update(QuotaWindow).where(QuotaWindow.follower_id == follower_id).values(remaining=0))
