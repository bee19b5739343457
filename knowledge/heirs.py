"""Where a question is nearest to what has been replaced: what is in force in its place."""

from sqlalchemy import select

from core.clock import today
from core.db import reading
from knowledge.models import Policy
from knowledge.search import Found, Hit, search

GENERATIONS = 5  # how often a policy's successor may have had one
LOOKED_AT = 50  # hits among which the heir must be, if it is to answer


def of(words: str, found: Found) -> Hit | None:
    """What has taken the place of the lapsed document that fits best, as a hit; None where nothing in force has."""
    with reading() as session:
        policy, day = None, today()
        for _ in range(GENERATIONS):
            successor = policy.superseded_by if policy else found.successor
            policy = session.get(Policy, successor) if successor else None
            if policy is None or not (policy.superseded_on and policy.superseded_on <= day):
                break
    if policy is None:
        return None
    hits = found.hits if policy.id in (hit.policy.id for hit in found.hits) else search(words, LOOKED_AT).hits
    return next((hit for hit in hits if hit.policy.id == policy.id), None)


def former_is_named(words: str, found: Found, heir: Hit) -> bool:
    """Whether the question names what the heir has taken the place of, by another title or by its number."""
    with reading() as session:
        former = select(Policy.title, Policy.doc_no).where(Policy.superseded_by.in_([found.successor, heir.policy.id]))
        names = {name for row in session.execute(former) for name in row if name} - {heir.policy.title}
    return any(name in words for name in names)
