"""The migrations build exactly what the models say, on both databases, and keep what is there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from app import database as schema
from core.db import get_engine
from core.settings import Settings


def test_models_and_migrations_agree(database: str) -> None:
    assert schema.differences(get_engine()) == []


def test_a_conversation_survives_every_migration(configure: Callable[..., Settings], tmp_path: Path) -> None:
    configure(DATABASE_URL=f"sqlite:///{tmp_path / 'old.db'}")
    engine = get_engine()
    command.upgrade(schema.config(engine), "0001")
    at = "2026-11-01 00:00:00"
    with engine.begin() as connection:
        turn = "(id, message_id, follower_id, utterance, state, attempts, lease_until, late, created_at)"
        for row in (
            f"followers VALUES (1, 'o-a', 1, '{at}', NULL, 0, 0)",
            f"messages VALUES (1, 1, 'key', 'text', '{{}}', '{at}')",
            f"turns {turn} VALUES (1, 1, 1, '在吗', 'answered', 1, '{at}', 0, '{at}')",
        ):
            connection.execute(text(f"INSERT INTO {row}"))
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT utterance, pushes FROM turns")).all() == [("在吗", 1)]
    engine.dispose()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_migrations_can_be_taken_back(database: str) -> None:
    command.downgrade(schema.config(get_engine()), "0001")
    schema.upgrade(get_engine())
    assert schema.differences(get_engine()) == []
