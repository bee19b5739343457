"""The tasks as the worker runs them, with a database that is gone, and with a real broker."""

from collections.abc import Callable

import pytest
from redis import Redis

from app import worker
from conversations import tasks
from core import tasks as core_tasks
from core.settings import Settings
from core.tasks import celery, enqueue


def test_a_database_that_is_gone_is_no_exception(configure: Callable[..., Settings]) -> None:
    configure(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    tasks.sweep()
    tasks.send_due(1)


def test_a_broker_that_is_gone_leaves_the_work_to_the_sweep(configure: Callable[..., Settings]) -> None:
    enqueue(tasks.send_due.name, 1)


def test_a_broker_that_was_not_reached_is_left_alone_for_a_while(
    configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue(tasks.send_due.name, 1)
    monkeypatch.setattr(core_tasks, "celery", None)  # whoever asks it now fails
    enqueue(tasks.send_due.name, 2)


def test_a_task_reaches_the_broker_by_its_name(redis: Redis) -> None:
    enqueue(tasks.send_due.name, 7)
    (queued,) = redis.lrange("tongqi", 0, -1)
    assert tasks.send_due.name.encode() in queued


def test_every_name_on_the_timetable_is_a_task() -> None:
    assert {entry["task"] for entry in worker.celery.conf.beat_schedule.values()} <= set(celery.tasks)
