"""What the phones show: followers and their chats. In memory, bounded, thread-safe.

Every change takes the next number of one counter. A message keeps the number it was made with as its id, so "what is
new since N" finds fresh messages and changed ones alike.
"""

import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from core.clock import local_now, now
from sandbox.quota import Quota, Trigger
from sandbox.reply import Article

MAX_FOLLOWERS = 200
MAX_MESSAGES = 500  # kept of one chat
TYPING_LASTS = 15.0  # seconds 对方正在输入 stays without a message

Sender = Literal["me", "account", "system"]


class UnknownFollower(Exception):
    """Nobody has this openid."""


class TooMany(Exception):
    """There is no room for another follower."""


@dataclass
class Message:
    """One bubble or grey line of a chat."""

    id: int
    changed: int
    sender: Sender
    type: str
    content: str
    articles: tuple[Article, ...] = ()
    at: str = field(default_factory=lambda: local_now().isoformat(timespec="seconds"))
    state: Literal["pending", "sent", "failed"] = "sent"
    via: Literal["passive", "service"] | None = None
    tries: int = 0

    def view(self) -> dict[str, Any]:
        """The message as the page gets it."""
        shown = asdict(self)
        return shown | {"from": shown.pop("sender"), "attempt": shown.pop("tries")}


@dataclass
class Follower:
    """One WeChat user and his chat with the account."""

    openid: str
    name: str
    following: bool = False
    since: int = 0  # Unix seconds
    read: int = 0  # number up to which the chat has been looked at
    changed: int = 0
    waiting: int = 0  # pushes under way
    typing_until: float = 0.0  # monotonic seconds
    quota: Quota = field(default_factory=Quota)
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=MAX_MESSAGES))

    def view(self) -> dict[str, Any]:
        """The follower as the list shows him."""
        last = self.messages[-1] if self.messages else None
        return {
            "openid": self.openid,
            "name": self.name,
            "following": self.following,
            "unread": sum(message.sender == "account" and message.id > self.read for message in self.messages),
            "preview": (last.content or (last.articles[0].title if last.articles else ""))[:40] if last else "",
            "at": last.at if last else None,
        }


class Phone:
    """All followers. Methods that take an openid raise UnknownFollower."""

    def __init__(self) -> None:
        self._followers: dict[str, Follower] = {}
        self._counter = 0
        self._changed = threading.Condition()

    @property
    def counter(self) -> int:
        """The number of the last change; it grows with each."""
        return self._counter

    @contextmanager
    def open(self, openid: str) -> Iterator[Follower]:
        """Look at or change a follower; whoever waits for news of him looks again afterwards."""
        with self._changed:
            follower = self._find(openid)
            yield follower
            self._counter += 1
            follower.changed = self._counter
            self._changed.notify_all()

    def add(self, name: str) -> str:
        """A new follower-to-be, without a message yet; his openid.

        Raises:
            TooMany: there are MAX_FOLLOWERS already.
        """
        openid = "o" + secrets.token_urlsafe(21)[:27]
        with self._changed:
            if len(self._followers) >= MAX_FOLLOWERS:
                raise TooMany
            self._followers[openid] = Follower(openid, name)
        return openid

    def set_following(self, openid: str, following: bool) -> bool:
        """Follow or leave; False if that was so already."""
        with self.open(openid) as follower:
            if follower.following == following:
                return False
            follower.following, follower.since = following, int(now().timestamp())
            if following:
                follower.quota.grant(Trigger.FOLLOW, now())
            else:
                follower.quota.clear()
            return True

    def put(self, openid: str, sender: Sender, kind: str, content: str, **more: Any) -> Message:
        """Add a message to the chat; `more`: articles, state, via."""
        with self.open(openid) as follower:
            number = self._counter + 1  # the number this change is about to get
            message = Message(number, number, sender, kind, content, **more)
            follower.messages.append(message)
            if sender == "account":
                follower.typing_until = 0.0
            return message

    def update(self, openid: str, message: Message, **fields: Any) -> None:
        """Change a message: state, tries."""
        with self.open(openid):
            for name, value in fields.items():
                setattr(message, name, value)
            message.changed = self._counter + 1

    def set_typing(self, openid: str, typing: bool) -> None:
        """Show or hide 对方正在输入."""
        with self.open(openid) as follower:
            follower.typing_until = time.monotonic() + TYPING_LASTS if typing else 0.0

    def news(self, openid: str, after: int, wait: float) -> dict[str, Any]:
        """Messages that are new or changed since `after`, and the `cursor` to ask with next; seen means read.

        Waits up to `wait` seconds until there is something to tell.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._find(openid).changed > after, timeout=wait)
            follower = self._find(openid)
            follower.read = follower.changed
            return {
                "messages": [message.view() for message in follower.messages if message.changed > after],
                "cursor": max(follower.changed, after),
                "now": local_now().isoformat(timespec="seconds"),
                "following": follower.following,
                "typing": follower.waiting > 0 or follower.typing_until > time.monotonic(),
            }

    def followers(self) -> list[dict[str, Any]]:
        """Everybody, in the order in which they came."""
        with self._changed:
            return [follower.view() for follower in self._followers.values()]

    def state(self) -> dict[str, Any]:
        """All that outlasts a restart, as plain data for `restore`."""
        with self._changed:
            kept = ("openid", "name", "following", "since", "read", "changed")
            rows = [
                {name: getattr(follower, name) for name in kept} | {"messages": list(map(asdict, follower.messages))}
                for follower in self._followers.values()
            ]
            return {"counter": self._counter, "followers": rows}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave. What was under way then has failed; quotas begin closed.

        Raises:
            KeyError, TypeError: not such a state.
        """
        followers = {}
        for row in state["followers"]:
            messages = [
                Message(**saved | {"articles": tuple(Article(**article) for article in saved["articles"])})
                for saved in row.pop("messages")
            ]
            for message in messages:
                message.state = "failed" if message.state == "pending" else message.state
            followers[row["openid"]] = Follower(**row, messages=deque(messages, maxlen=MAX_MESSAGES))
        with self._changed:
            self._followers, self._counter = followers, int(state["counter"])

    def _find(self, openid: str) -> Follower:
        if openid not in self._followers:
            raise UnknownFollower(openid)
        return self._followers[openid]
