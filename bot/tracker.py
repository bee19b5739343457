"""Rasa's own store of conversations, as far as we must reach into it: to delete what a follower said."""

from sqlalchemy import Engine, create_engine, inspect, text

from core.once import once
from core.settings import get_settings


def forget(follower_id: int) -> None:
    """Delete every dialogue session of the follower (sender ids `<follower>.<generation>`)."""
    engine = _engine()
    with engine.begin() as connection:
        if inspect(connection).has_table("events"):  # Rasa creates it with its first conversation
            connection.execute(text("DELETE FROM events WHERE sender_id LIKE :sender"), {"sender": f"{follower_id}.%"})


@once
def _engine() -> Engine:
    return create_engine(get_settings().rasa_tracker_url.replace("postgresql:", "postgresql+psycopg:"))
