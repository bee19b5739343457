"""An answer that has waited and no longer holds is not sent; its asker hears so instead."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.deliveries import move
from conversations.models import Delivery, DeliveryState
from core import validity
from core.logging import get_logger

NO_LONGER = "您问的这项政策刚刚有变动，原来准备的答复不再作数。请再问我一次，或回复“人工”。"
REASON = "what it rests on no longer holds"

log = get_logger()


def withdraw_outdated(session: Session, turn_id: int) -> None:
    """Look once more at what is unsent of a turn's answer; to be called before any of it goes out."""
    rows = session.scalars(select(Delivery).where(Delivery.turn_id == turn_id).order_by(Delivery.id)).all()
    unsent = [row for row in rows if row.state is DeliveryState.QUEUED]
    if not unsent or validity.holds(session, _sources(rows)):
        return
    log.info("answer withdrawn", turn=turn_id)
    first, *others = unsent
    first.text, first.message, first.choices, first.sources = NO_LONGER, None, [], []
    for row in others:
        move(session, row, DeliveryState.FAILED, error=REASON)


def _sources(rows: Sequence[Delivery]) -> list[dict[str, object]]:
    """What the answer rests on; it stands with its last part."""
    return [source for row in rows for source in row.sources]
