"""The migrations build exactly what the models say, on both databases."""

from app import database as schema
from core.db import get_engine


def test_models_and_migrations_agree(database: str) -> None:
    assert schema.differences(get_engine()) == []
