"""The one order of all changes to the knowledge base, by which every process sees what it has missed.

A change takes the next number in its own transaction, before it reads or writes anything else. The row that holds the
number stays locked until that transaction ends: whoever reads number 7 has 1 to 6 before him as well, what a change has
read nobody alters meanwhile, and no two changes wait for each other.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge.models import Revision

_ROW = 1


def next_number(session: Session) -> int:
    """Take the number of a change; other changes wait until this transaction has ended."""
    query = update(Revision).where(Revision.id == _ROW).values(number=Revision.number + 1).returning(Revision.number)
    return session.scalars(query).one()


def hold(session: Session) -> None:
    """Let other changes wait until this transaction has ended, for one that changes nothing which is searched."""
    session.execute(select(Revision.number).where(Revision.id == _ROW).with_for_update())


def latest(session: Session) -> int:
    """Number of the latest change that has been committed."""
    return session.scalars(select(Revision.number).where(Revision.id == _ROW)).one()


def see_one_moment(session: Session) -> None:
    """Let all that a reading session sees be of the moment of its first query: no policy by halves. To be called first."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite's readers never see anything else
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
