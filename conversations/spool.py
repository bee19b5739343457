"""Where a message goes while the database cannot take it: a file each, moved into the database when it is back."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from conversations import inbox
from conversations.inbox import Inbound, Reaction
from core.db import transaction
from core.logging import get_logger
from core.settings import get_settings
from wechat_gateway.quota import Opening

log = get_logger()


def put(inbound: Inbound, reaction: Reaction) -> None:
    """Store the message durably; a redelivery overwrites its own file.

    Raises:
        OSError: the disk cannot take it either.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{inbound.dedup_key}.json"
    fresh = path.with_suffix(f".{os.getpid()}.new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"inbound": asdict(inbound), "reaction": asdict(reaction)}, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    log.warning("message spooled", key=inbound.dedup_key)


def drain() -> int:
    """Accept what was spooled; its turns are then found by the sweep. Returns how many there were."""
    paths = sorted(_folder().glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in paths:
        inbound, reaction = _read(path)
        with transaction() as session:
            inbox.accept(session, inbound, reaction, late=True)
        path.unlink(missing_ok=True)
    return len(paths)


def _read(path: Path) -> tuple[Inbound, Reaction]:
    stored = json.loads(path.read_text("utf-8"))
    reaction = stored["reaction"]
    reaction["replies"] = tuple(reaction["replies"])
    reaction["opening"] = Opening(reaction["opening"]) if reaction["opening"] else None
    return Inbound(**stored["inbound"]), Reaction(**reaction)


def _folder() -> Path:
    return get_settings().tongqi_var / "spool"
