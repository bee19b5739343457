"""Celery tasks of the conversation: thin, with ids; the logic is in the services."""

from conversations import attachments, sending
from conversations.sweep import sweep as run_sweep
from core.db import UNAVAILABLE
from core.logging import get_logger
from core.tasks import celery

log = get_logger()


@celery.task(name="conversations.send_due")
def send_due(follower_id: int) -> None:
    """Send what is due to one follower; what cannot be sent now the sweep finds."""
    try:
        sending.send_due(follower_id)
    except UNAVAILABLE as error:
        log.warning("sending left to the sweep", follower=follower_id, error=type(error).__name__)


@celery.task(name="conversations.fetch_attachment")
def fetch_attachment(attachment_id: int) -> None:
    """Download what came with a message; what cannot be had now the sweep fetches."""
    try:
        attachments.fetch(attachment_id)
    except UNAVAILABLE as error:
        log.warning("fetching left to the sweep", attachment=attachment_id, error=type(error).__name__)


@celery.task(name="conversations.sweep")
def sweep() -> None:
    """Finish what was left behind (every few seconds, see app/worker.py)."""
    try:
        run_sweep()
    except UNAVAILABLE as error:
        log.warning("sweep postponed", error=type(error).__name__)
