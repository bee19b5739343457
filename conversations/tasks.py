"""Celery tasks of the conversation: thin, with ids; the logic is in the services."""

from conversations import deliveries
from conversations.sweep import sweep as run_sweep
from core.tasks import celery


@celery.task(name="conversations.send_due")
def send_due(follower_id: int) -> None:
    """Send what is due to one follower."""
    deliveries.send_due(follower_id)


@celery.task(name="conversations.sweep")
def sweep() -> None:
    """Finish what was left behind (every few seconds, see app/worker.py)."""
    run_sweep()
