"""What a parametrised QR code carries: `kind:value`, within WeChat's 64 characters of a scene string."""

from dataclasses import dataclass
from enum import StrEnum

MAX_LENGTH = 64  # characters of a scene string; the platform's limit


class SceneKind(StrEnum):
    """What a code is printed for."""

    SOURCE = "source"  # where the follower found us: an exhibition, a leaflet, a service hall
    EVENT = "event"  # check-in at an event
    GROUP = "group"  # the community group in which the code was shown


@dataclass(frozen=True)
class Scene:
    """Which code was scanned."""

    kind: SceneKind
    value: str

    def __str__(self) -> str:
        """The scene string of the code."""
        return f"{self.kind}:{self.value}"


def parse_scene(text: str) -> Scene | None:
    """The scene in an event's key, `qrscene_` of a first follow included; a string of another form is a source.

    None for an empty key.
    """
    bare = text.removeprefix("qrscene_").strip()[:MAX_LENGTH]
    kind, colon, value = bare.partition(":")
    if colon and value and kind in list(SceneKind):
        return Scene(SceneKind(kind), value)
    return Scene(SceneKind.SOURCE, bare) if bare else None
