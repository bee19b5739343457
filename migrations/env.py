"""Alembic's entry: the models of every feature against the database of the settings."""

from alembic import context

import app.models  # noqa: F401  registers every table
from core.db import Base, get_engine

engine = context.config.attributes.get("engine") or get_engine()
with engine.connect() as connection:
    # SQLite cannot alter constraints: Alembic copies the table instead (batch mode).
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
