"""Followers and chats outlast a restart: a JSON file that a thread writes soon after a change."""

import json
import threading
import time
from pathlib import Path

from core.logging import get_logger
from sandbox.phone import Phone

EVERY = 1.0  # seconds between two writes at least

log = get_logger()


class Snapshot:
    """Keeps `path` in step with the phone."""

    def __init__(self, phone: Phone, path: Path) -> None:
        self._phone = phone
        self._path = path
        self._saved = 0

    def load(self) -> None:
        """Take over what the last run left; a file that cannot be read is set aside, not overwritten."""
        try:
            self._phone.restore(json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("chats of the last run are unreadable, starting afresh", file=self._path.name)
            self._path.replace(self._path.with_suffix(".broken"))
        self._saved = self._phone.counter

    def save(self) -> None:
        """Write the file if anything has changed; a reader sees the old one or the new one, never half."""
        state = self._phone.state()
        if state["counter"] == self._saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(state, ensure_ascii=False), "utf-8")
        fresh.replace(self._path)
        self._saved = state["counter"]

    def start(self) -> None:
        """Save from now on, in a thread that ends with the process."""
        threading.Thread(target=self._run, name="snapshot", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(EVERY)
            try:
                self.save()
            except OSError as error:
                log.warning("chats not saved", error=type(error).__name__)
