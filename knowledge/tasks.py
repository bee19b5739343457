"""Celery tasks of the knowledge base: thin; the logic is in the services."""

from core.clock import now
from core.db import UNAVAILABLE
from core.logging import get_logger
from core.tasks import celery
from knowledge.records import retention

log = get_logger()


@celery.task(name="knowledge.prune_records")
def prune_records() -> None:
    """Delete records of answers that are kept no longer (once a day, see app/worker.py)."""
    try:
        log.info("records pruned", count=retention.prune(now() - retention.KEPT))
    except UNAVAILABLE as error:
        log.warning("pruning postponed", error=type(error).__name__)
