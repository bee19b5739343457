"""Where a message goes while the database cannot take it: a file each, moved into the database when it is back."""

import hashlib
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter

from conversations import inbox
from conversations.inbox import Arrival, Replayed
from core.db import transaction
from core.logging import get_logger
from core.settings import get_settings

ASIDE = 1000  # pushes kept that a defect of ours could not handle

log = get_logger()


_JSON = TypeAdapter(Arrival)


def put(arrival: Arrival) -> None:
    """Store the message durably; a redelivery overwrites its own file. Its answer goes out as a service message.

    Raises:
        OSError: the disk cannot take it either.
    """
    key = arrival.inbound.dedup_key
    _write(_folder() / f"{key}.json", _JSON.dump_json(replace(arrival, late=True, grace=timedelta())))
    log.warning("message spooled", key=key)


def put_aside(push: bytes) -> None:
    """Keep a genuine push, as it came, that we could not handle, for whoever mends the defect."""
    folder = _folder() / "aside"
    if folder.exists() and sum(1 for _ in folder.iterdir()) >= ASIDE:
        log.error("push not kept: too many already")
        return
    _write(folder / f"{hashlib.sha256(push).hexdigest()}.push", push)


def drain() -> int:
    """Accept what was spooled; its turns are then found by the sweep. Returns how many there were."""
    paths = sorted(_folder().glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in paths:
        spooled = _JSON.validate_json(path.read_bytes())
        try:
            with transaction() as session:
                inbox.accept(session, spooled)
        except Replayed:
            log.warning("spooled message was replayed", key=spooled.inbound.dedup_key)
        path.unlink(missing_ok=True)
    return len(paths)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _folder() -> Path:
    return get_settings().tongqi_var / "spool"
