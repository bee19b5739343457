"""Runs turns in threads of the gateway, for webhooks that wait for the answer as long as WeChat does."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot import client as rasa
from conversations import dialogue, turns
from core.db import UNAVAILABLE, reading
from core.logging import get_logger
from core.once import once

THREADS = 16
LOOK_EVERY = 0.25  # seconds between looks at the database, for turns that another process runs
WAITING = 20  # webhooks that may wait at a time; the gateway's other threads accept what comes meanwhile
AHEAD = 32  # turns in line, with which an answer in time can still be hoped for: Rasa answers about 15 a second

log = get_logger()


class TurnRunner:
    """A pool of threads that answer turns; those who wait are woken when theirs is done."""

    def __init__(self, run: Callable[[int, Callable[[int], None]], None] = dialogue.run_turns) -> None:
        self._run = run
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="turn")
        self._done = threading.Condition()
        self._finished: set[int] = set()
        self._awaited: dict[int, int] = {}  # turn id: how many wait for it, redeliveries included
        self._in_line = 0  # followers handed to the pool and not yet begun

    @property
    def busy(self) -> bool:
        """Whether nobody should wait for an answer: there is too much to do, or the dialogue is down."""
        return sum(self._awaited.values()) >= WAITING or self._in_line >= AHEAD or rasa.is_down()

    def start(self, follower_id: int) -> None:
        """Answer the follower's waiting turns in the background."""
        with self._done:
            self._in_line += 1
        self._pool.submit(self._run_logged, follower_id)

    def wait(self, turn_id: int, deadline: float) -> bool:
        """Whether the turn is finished by `deadline` (time.monotonic seconds); False at once while the dialogue is down."""
        with self._done:
            self._awaited[turn_id] = self._awaited.get(turn_id, 0) + 1
        try:
            while True:
                with self._done:
                    left = deadline - time.monotonic()
                    if self._done.wait_for(lambda: turn_id in self._finished, max(min(left, LOOK_EVERY), 0)):
                        return True
                with reading() as session:
                    if turns.is_finished(session, turn_id):
                        return True
                if left <= 0 or rasa.is_down():
                    return False
        finally:
            with self._done:
                self._awaited[turn_id] -= 1
                if not self._awaited[turn_id]:
                    del self._awaited[turn_id]
                    self._finished.discard(turn_id)

    def close(self) -> None:
        """Let the turns that have begun come to their end, and leave the others to the sweep."""
        self._pool.shutdown(cancel_futures=True)

    def _run_logged(self, follower_id: int) -> None:
        with self._done:
            self._in_line -= 1
        try:
            self._run(follower_id, self._announce)
        except UNAVAILABLE as error:
            log.warning("turns left to the sweep", follower=follower_id, error=type(error).__name__)
        except Exception:
            log.exception("turns left to the sweep", follower=follower_id)

    def _announce(self, turn_id: int) -> None:
        with self._done:
            if turn_id in self._awaited:
                self._finished.add(turn_id)
                self._done.notify_all()


@once
def get_runner() -> TurnRunner:
    """The runner of this process."""
    return TurnRunner()
