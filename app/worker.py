"""The Celery worker and its timetable. `celery -A app.worker worker`."""

from threading import Thread

from celery.beat import Scheduler, Service
from celery.signals import worker_init, worker_ready

import knowledge.validity  # noqa: F401  an answer that has waited is judged there
from conversations import tasks
from core import logging
from core.tasks import celery
from knowledge.tasks import prune_records

SWEEP_EVERY = 5.0  # seconds
PRUNE_EVERY = 86_400.0

celery.conf.beat_schedule = {
    # An entry that could not run in time is dropped: the next one does its work.
    "sweep": {"task": tasks.sweep.name, "schedule": SWEEP_EVERY, "options": {"expires": SWEEP_EVERY}},
    "prune": {"task": prune_records.name, "schedule": PRUNE_EVERY, "options": {"expires": PRUNE_EVERY}},
}


@worker_init.connect
def _configure_logging(**_: object) -> None:
    logging.configure("worker")


@worker_ready.connect
def _keep_timetable(**_: object) -> None:
    """In a thread, where `--beat` would start a process that nobody would miss if it was killed."""
    beat = Service(celery, max_interval=1, scheduler_cls=Scheduler)
    Thread(target=beat.start, name="beat", daemon=True).start()


__all__ = ["celery"]
