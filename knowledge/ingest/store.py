"""Documents into the tables: new, changed or unchanged by content, so that ingesting twice changes nothing."""

import hashlib
from enum import StrEnum

from sqlalchemy.orm import Session

from knowledge.ingest import splitter
from knowledge.ingest.document import Document, first_day, last_day
from knowledge.models import Chunk, Policy


class Outcome(StrEnum):
    """What became of a document."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def store(session: Session, document: Document) -> Outcome:
    """Write one document and its passages; a changed one gets new passages and keeps staff's switch."""
    front = document.front
    content = f"{splitter.VERSION}\n{front.model_dump_json()}\n{document.body}"
    digest = hashlib.sha256(content.encode()).hexdigest()
    policy = session.get(Policy, front.id)
    if policy and policy.content_hash == digest:
        return Outcome.UNCHANGED
    outcome = Outcome.CHANGED if policy else Outcome.NEW
    policy = policy or Policy(id=front.id, enabled=True)
    for key, value in front.model_dump(exclude={"id"}).items():
        setattr(policy, key, value)
    policy.effective_on = first_day(front.effective) if front.effective else None
    policy.expires_on = last_day(front.expires) if front.expires else None
    policy.body, policy.content_hash = document.body, digest
    policy.chunks = [
        Chunk(position=position, heading=passage.heading[:80], text=passage.text)
        for position, passage in enumerate(splitter.split(document.body))
    ]
    session.add(policy)
    session.flush()
    return outcome
