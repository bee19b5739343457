"""How long records of answers are kept: until their follower is forgotten, and half a year at most.

Apart from the rest, because every process in which a follower can leave imports it, and the gateway needs no index.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import forgetting
from core.db import affected, transaction
from knowledge.records.models import AnswerRecord

KEPT = timedelta(days=180)


def prune(before: datetime) -> int:
    """Delete records of what was asked before a moment; how many."""
    with transaction() as session:
        return affected(session, delete(AnswerRecord).where(AnswerRecord.asked_at < before))


@forgetting.register
def forget(session: Session, follower_id: int) -> None:
    """Delete the follower's records."""
    session.execute(delete(AnswerRecord).where(AnswerRecord.follower_id == follower_id))
