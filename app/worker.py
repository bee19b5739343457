"""The Celery worker and its timetable. `celery -A app.worker worker -B`."""

from celery.signals import worker_init

from conversations import tasks
from core import logging
from core.tasks import celery

SWEEP_EVERY = 5.0  # seconds

celery.conf.beat_schedule = {
    # An entry that could not run in time is dropped: the next one does its work.
    "sweep": {"task": tasks.sweep.name, "schedule": SWEEP_EVERY, "options": {"expires": SWEEP_EVERY}},
}


@worker_init.connect
def _configure_logging(**_: object) -> None:
    logging.configure("worker")


__all__ = ["celery"]
