"""Bringing the database's schema up to date."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine

import app.models  # noqa: F401  registers every table
from core.db import Base, get_engine
from core.settings import ROOT, get_settings


def upgrade(engine: Engine | None = None) -> None:
    """Apply the migrations that the database lacks; without an engine, to the database of the settings."""
    if engine is None:
        get_settings().tongqi_var.mkdir(parents=True, exist_ok=True)
        engine = get_engine()
    command.upgrade(config(engine), "head")


def differences(engine: Engine) -> list[object]:
    """What the models have and the database has not, or the other way round; empty when they agree."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def config(engine: Engine) -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    configuration = Config()
    configuration.set_main_option("script_location", str(ROOT / "migrations"))
    configuration.attributes["engine"] = engine
    return configuration
