"""How many customer-service messages the account may send to one follower.

Figures: the platform's page on customer-service messages since 12 June 2023.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Trigger(StrEnum):
    """What a follower does to let the account write to him."""

    MESSAGE = "message"
    MENU = "menu"  # a menu button of type click, or a choice in a msgmenu
    FOLLOW = "follow"
    SCAN = "scan"


GRANTS = {
    Trigger.MESSAGE: (5, timedelta(hours=48)),
    Trigger.MENU: (3, timedelta(minutes=1)),
    Trigger.FOLLOW: (3, timedelta(minutes=1)),
    Trigger.SCAN: (3, timedelta(minutes=1)),
}


class OutOfQuota(Exception):
    """No message may be sent. `spent`: within an open window (45047), else none is open (45015)."""

    def __init__(self, spent: bool) -> None:
        super().__init__("spent" if spent else "closed")
        self.spent = spent


@dataclass
class Grant:
    """What one trigger still allows."""

    left: int
    until: datetime


@dataclass
class Quota:
    """The open windows of one follower; a new trigger renews the window of its kind."""

    grants: dict[Trigger, Grant] = field(default_factory=dict)

    def grant(self, trigger: Trigger, at: datetime) -> None:
        """Open the trigger's window."""
        count, lasts = GRANTS[trigger]
        self.grants[trigger] = Grant(count, at + lasts)

    def spend(self, at: datetime) -> None:
        """Use one message, of the window that closes first.

        Raises:
            OutOfQuota: none is left.
        """
        windows = sorted((grant for grant in self.grants.values() if grant.until > at), key=lambda grant: grant.until)
        usable = [grant for grant in windows if grant.left]
        if not usable:
            raise OutOfQuota(spent=bool(windows))
        usable[0].left -= 1

    def clear(self) -> None:
        """Close every window: the follower has left."""
        self.grants.clear()

    def view(self, at: datetime) -> list[dict[str, Any]]:
        """The open windows: what opened each, how many messages are left, until when (ISO, UTC)."""
        return [
            {"trigger": trigger.value, "left": grant.left, "until": grant.until.isoformat(timespec="seconds")}
            for trigger, grant in self.grants.items()
            if grant.until > at
        ]
