"""Whether what an answer cites is still in force, asked once more when it goes out: it may have waited for days."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import validity
from core.clock import today
from core.validity import Sources
from knowledge.models import Policy


@validity.register
def in_force(session: Session, sources: Sources) -> bool:
    """Whether every cited policy may still be told."""
    cited = {source["policy_id"] for source in sources if source.get("policy_id")}
    query = select(func.count()).select_from(Policy).where(Policy.id.in_(cited), Policy.in_force(today()))
    return not cited or session.scalars(query).one() == len(cited)
