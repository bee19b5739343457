"""The Celery application: queues and defaults. Tasks are thin, carry ids, and live beside the service they call."""

import time

from celery import Celery
from kombu.exceptions import OperationalError

from core.logging import get_logger
from core.settings import get_settings


def make_celery() -> Celery:
    """Celery on Redis: acknowledged late, so that a killed worker's task is handed out again."""
    address = get_settings().redis_address
    celery = Celery("tongqi", broker=address)
    celery.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_default_queue="tongqi",
        task_time_limit=120,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        # max_retries 0: without Redis, handing over a task fails at once (6 s otherwise, and the webhook has 4).
        broker_transport_options={
            "visibility_timeout": 300,
            "socket_timeout": 3,
            "socket_connect_timeout": 2,
            "max_retries": 0,
        },
        timezone="Asia/Shanghai",
    )
    return celery


celery = make_celery()
REST = 10.0  # seconds without another try after Redis was not reached: one that hangs costs two seconds each time

_not_before = 0.0  # monotonic seconds


def enqueue(task: str, *args: int) -> None:
    """Hand a task to the workers by name. Without Redis it is left to the sweep, which finds its work in the database."""
    global _not_before
    if time.monotonic() < _not_before:
        return
    try:
        celery.send_task(task, args, retry=False)
    except OperationalError as error:
        _not_before = time.monotonic() + REST
        get_logger().warning("tasks left to the sweep", task=task, error=type(error).__name__)
