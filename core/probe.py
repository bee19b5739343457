"""A row that is written to see whether the database takes writes."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.db import Base, transaction


class Probe(Base):
    """The only row of its table."""

    __tablename__ = "probes"

    id: Mapped[int] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]


def write() -> None:
    """Write the row.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database takes no writes, or lacks its tables.
    """
    with transaction() as session:
        session.merge(Probe(id=1, checked_at=now()))
