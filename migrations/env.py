"""Alembic's entry: the models of every feature against the database of the settings."""

from typing import Any, Literal

from alembic import context

import app.models  # noqa: F401  registers every table
from core.db import Base, UtcDateTime, get_engine


def render_item(kind: str, item: object, _context: Any) -> str | Literal[False]:
    """Write our column types as SQLAlchemy's own, so that old migrations need none of today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


engine = context.config.attributes.get("engine") or get_engine()
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite cannot alter constraints: Alembic copies the table instead
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
