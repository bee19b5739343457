"""Pictures, voice and video: what WeChat keeps for the account, temporary (three days) or permanent.

Limits: the platform's pages on temporary and permanent material.
"""

import secrets
import struct
import threading
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.clock import now
from sandbox.refusal import Refusal

LASTS = timedelta(days=3)
MAX_BYTES = 512 * 2**20  # of all temporary media; beyond, the oldest go
MAX_FILE = 12 * 2**20

LIMITS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "image": (10 * 2**20, ("png", "jpg", "gif")),
    "voice": (2 * 2**20, ("amr", "mp3")),
    "video": (10 * 2**20, ("mp4",)),
    "thumb": (64 * 2**10, ("jpg",)),
    "file": (MAX_FILE, ()),  # a follower's files; an account cannot upload them
}
"""Largest size in bytes, and the formats told by their first bytes."""

TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "": "application/octet-stream",
}

SILENCE = b"#!AMR\n" + b"\x7c" * 50  # one second: fifty frames without data


@dataclass(frozen=True)
class Medium:
    """One file in WeChat's keeping."""

    id: str
    kind: str
    format: str  # a key of TYPES
    name: str
    size: int
    at: int  # Unix seconds
    lasting: bool = False

    @property
    def content_type(self) -> str:
        """MIME type."""
        return TYPES[self.format]


class Media:
    """The files, in a folder; which they are, in memory. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Medium] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, content: bytes, name: str = "", lasting: bool = False) -> Medium:
        """Keep a file.

        Raises:
            Refusal: 40004 unknown kind, 40005 not a format of it, 40006 too large, 41005 empty.
        """
        if kind not in LIMITS:
            raise Refusal(40004, "invalid media type")
        if not content:
            raise Refusal(41005, "media data missing")
        most, formats = LIMITS[kind]
        if len(content) > most:
            raise Refusal(40006, "invalid media size")
        form = format_of(content)
        if formats and form not in formats:
            raise Refusal(40005, "invalid file type")
        medium = Medium(
            secrets.token_urlsafe(48), kind, form, name[:200], len(content), int(now().timestamp()), lasting
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / medium.id).write_bytes(content)
        with self._lock:
            self._known[medium.id] = medium
            self._make_room()
        return medium

    def find(self, media_id: str, kind: str = "") -> Medium:
        """The medium, for the account.

        Raises:
            Refusal: 40007 unknown, expired, or of another kind.
        """
        with self._lock:
            medium = self._known.get(media_id)
        if medium is None or (kind and medium.kind != kind) or self._expired(medium):
            raise Refusal(40007, "invalid media_id")
        return medium

    def seen(self, media_id: str) -> Medium | None:
        """The medium, for the phone: what stands in a chat stays there when the account can no longer fetch it."""
        with self._lock:
            return self._known.get(media_id)

    def read(self, medium: Medium) -> bytes:
        """Its bytes.

        Raises:
            Refusal: 40007 the file is gone.
        """
        try:
            return (self._folder / medium.id).read_bytes()
        except FileNotFoundError as error:
            raise Refusal(40007, "invalid media_id") from error

    def lasting(self, kind: str) -> list[Medium]:
        """The permanent material of a kind, newest first."""
        with self._lock:
            return [each for each in reversed(self._known.values()) if each.lasting and each.kind == kind]

    def remove(self, media_id: str) -> None:
        """Give up permanent material.

        Raises:
            Refusal: 40007 there is none of this id.
        """
        if not self.find(media_id).lasting:
            raise Refusal(40007, "invalid media_id")
        with self._lock:
            self._drop(media_id)

    def state(self) -> list[dict[str, Any]]:
        """What is known, as plain data for `restore`."""
        with self._lock:
            return [asdict(medium) for medium in self._known.values()]

    def restore(self, rows: list[dict[str, Any]]) -> None:
        """Take over what `state` gave.

        Raises:
            TypeError: not such data.
        """
        known = [Medium(**row) for row in rows]
        with self._lock:
            self._known = {medium.id: medium for medium in known}

    def _make_room(self) -> None:
        temporary = [medium for medium in self._known.values() if not medium.lasting]
        total = sum(medium.size for medium in temporary)
        for medium in temporary:
            if total <= MAX_BYTES:
                return
            total -= medium.size
            self._drop(medium.id)

    def _drop(self, media_id: str) -> None:
        self._known.pop(media_id)
        (self._folder / media_id).unlink(missing_ok=True)

    @staticmethod
    def _expired(medium: Medium) -> bool:
        return not medium.lasting and medium.at + LASTS.total_seconds() <= now().timestamp()


def format_of(content: bytes) -> str:
    """A key of TYPES, told by the first bytes; "" for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if content.startswith(b"#!AMR"):
        return "amr"
    if content.startswith(b"ID3") or content[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "mp3"
    return "mp4" if content[4:8] == b"ftyp" else ""


def sample_picture(width: int = 240, height: int = 160) -> bytes:
    """A PNG to send where nobody has picked one: sky over water."""
    horizon = height * 3 // 5
    rows = []
    for y in range(height):
        sky = y < horizon
        shade = y / horizon if sky else (y - horizon) / (height - horizon)
        pixel = bytes((150 + int(90 * shade), 196 + int(36 * shade), 236) if sky else (46, 120 - int(50 * shade), 150))
        rows.append(b"\0" + pixel * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
