"""How gunicorn serves the gateway; number of processes and socket come on the command line (see processes.py)."""

from typing import Any

from prometheus_client import multiprocess

import app.factory  # noqa: F401  before the fork: a worker that dies is replaced in 0.1 s, not in the 2 s of importing

worker_class = "gthread"
threads = 32  # most wait for Rasa, so there are many more than cores
timeout = 30  # seconds without a sign of life from a worker
graceful_timeout = 5  # seconds for requests under way when it is stopped
control_socket_disable = True


def child_exit(_server: Any, worker: Any) -> None:
    """Drop what the counters of a dead worker say about the present; what it counted stays."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
