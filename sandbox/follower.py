"""A follower and his chat: what one phone shows."""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from core.clock import local_now, now
from sandbox.quota import Quota
from sandbox.reply import Article

MAX_MESSAGES = 500  # kept of one chat

Sender = Literal["me", "account", "system"]
Via = Literal["passive", "service", "mass", "notice", "desk"]


@dataclass
class Message:
    """One bubble, card or grey line of a chat. `details`: what a kind shows besides its content (media, rows, ...)."""

    id: int
    changed: int
    sender: Sender
    type: str
    content: str
    articles: tuple[Article, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    at: str = field(default_factory=lambda: local_now().isoformat(timespec="seconds"))
    state: Literal["pending", "sent", "failed"] = "sent"
    via: Via | None = None
    tries: int = 0

    def view(self) -> dict[str, Any]:
        """The message as the page gets it."""
        shown = self.saved()
        return shown | {"from": shown.pop("sender"), "attempt": shown.pop("tries")}

    def saved(self) -> dict[str, Any]:
        """The message as plain data for `loaded`."""
        return vars(self) | {"articles": [vars(article) for article in self.articles]}

    @classmethod
    def loaded(cls, saved: dict[str, Any]) -> "Message":
        """The message that `saved` gave; what was under way then has failed.

        Raises:
            KeyError, TypeError: not such data.
        """
        articles = tuple(Article(**article) for article in saved["articles"])
        state = "failed" if saved["state"] == "pending" else saved["state"]
        return cls(**saved | {"articles": articles, "state": state})


@dataclass
class Follower:
    """One WeChat user."""

    openid: str
    name: str
    following: bool = False
    since: int = 0  # Unix seconds
    scene: str = ""  # of the code through which he came
    remark: str = ""
    tags: list[int] = field(default_factory=list)
    consents: dict[str, int] = field(default_factory=dict)  # template id -> notifications he still allows
    broadcasts: dict[str, int] = field(default_factory=dict)  # month -> mass messages received
    unread: int = 0
    changed: int = 0
    acted: float = 0.0  # Unix seconds of what he did last
    waiting: int = 0  # pushes under way
    typing_until: float = 0.0  # monotonic seconds
    quota: Quota = field(default_factory=Quota)
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=MAX_MESSAGES))

    @property
    def typing(self) -> bool:
        """Whether 对方正在输入 shows."""
        return self.waiting > 0 or self.typing_until > time.monotonic()

    def view(self) -> dict[str, Any]:
        """The follower as the list shows him."""
        last = self.messages[-1] if self.messages else None
        return {
            "openid": self.openid,
            "name": self.name,
            "following": self.following,
            "unread": self.unread,
            "preview": (last.content or (last.articles[0].title if last.articles else ""))[:40] if last else "",
            "at": last.at if last else None,
        }

    def news(self, after: int) -> dict[str, Any]:
        """The chat as the page asks for it: what changed since number `after`."""
        return {
            "messages": [message.view() for message in self.messages if message.changed > after],
            "cursor": max(self.changed, after),
            "now": local_now().isoformat(timespec="seconds"),
            "following": self.following,
            "typing": self.typing,
            "windows": self.quota.view(now()),
            "consents": self.consents,
        }

    def saved(self) -> dict[str, Any]:
        """All that outlasts a restart, as plain data; quotas begin closed."""
        kept = ("openid", "name", "following", "since", "scene", "remark", "unread", "changed")
        copied = ("tags", "consents", "broadcasts")
        row = {name: getattr(self, name) for name in kept} | {name: getattr(self, name).copy() for name in copied}
        return row | {"messages": [message.saved() for message in self.messages]}

    @classmethod
    def loaded(cls, row: dict[str, Any]) -> "Follower":
        """The follower that `saved` gave.

        Raises:
            KeyError, TypeError: not such data.
        """
        messages = deque((Message.loaded(saved) for saved in row["messages"]), maxlen=MAX_MESSAGES)
        return cls(**row | {"messages": messages})
