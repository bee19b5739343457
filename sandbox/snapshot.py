"""What outlasts a restart (chats, menu, media, tags, codes): a JSON file that a thread writes soon after a change."""

import json
import threading
import time
from pathlib import Path
from typing import Any

from core.logging import get_logger
from sandbox.wechat import Wechat

EVERY = 1.0  # seconds between two writes at least
REST = 20  # times as long as a write took, so that many chats do not keep the process busy with themselves

log = get_logger()


class Snapshot:
    """Keeps `path` in step with WeChat."""

    def __init__(self, wechat: Wechat, path: Path) -> None:
        self._wechat = wechat
        self._path = path
        self._saved = self._mark()

    def load(self) -> None:
        """Take over what the last run left; a file that cannot be read is set aside, not overwritten."""
        try:
            self._restore(json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("chats of the last run are unreadable, starting afresh", file=self._path.name)
            self._path.replace(self._path.with_suffix(".broken"))
        self._saved = self._mark()

    def save(self) -> None:
        """Write the file if anything has changed; a reader sees the old one or the new one, never half."""
        mark = self._mark()
        if mark == self._saved:
            return
        wechat = self._wechat
        state = {**wechat.phone.state(), "media": wechat.media.state(), **self._small()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(state, ensure_ascii=False), "utf-8")
        fresh.replace(self._path)
        self._saved = mark

    def start(self) -> None:
        """Save from now on, in a thread that ends with the process."""
        threading.Thread(target=self._run, name="snapshot", daemon=True).start()

    def _run(self) -> None:
        rest = EVERY
        while True:
            time.sleep(rest)
            began = time.monotonic()
            try:
                self.save()
            except OSError as error:
                log.warning("chats not saved", error=type(error).__name__)
            rest = max(EVERY, (time.monotonic() - began) * REST)

    def _mark(self) -> str:
        """Differs whenever there is something to write."""
        return json.dumps([self._wechat.phone.counter, self._small()])

    def _small(self) -> dict[str, Any]:
        wechat = self._wechat
        return {"menu": wechat.menu.published, "tags": wechat.tags.state(), "codes": wechat.codes.state()}

    def _restore(self, state: dict[str, Any]) -> None:
        wechat = self._wechat
        wechat.phone.restore(state)
        wechat.media.restore(state["media"])
        wechat.menu.restore(state["menu"])
        wechat.tags.restore(state["tags"])
        wechat.codes.restore(state["codes"])
