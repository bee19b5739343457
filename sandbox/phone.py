"""The phones: all followers and their chats. In memory, bounded, thread-safe.

Every change takes the next number of one counter. A message keeps the number it was made with as its id, so "what is
new since N" finds fresh messages and changed ones alike.
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.clock import now
from sandbox.follower import Follower, Message, Sender
from sandbox.quota import Trigger

TYPING_LASTS = 15.0  # seconds 对方正在输入 stays without a message
LIST = 50  # followers in one look at the list


class UnknownFollower(Exception):
    """Nobody has this openid."""


class TooMany(Exception):
    """There is no room for another follower."""


class Phone:
    """All followers. Methods that take an openid raise UnknownFollower."""

    def __init__(self, max_followers: int = 2000) -> None:
        self._max = max_followers
        self._followers: dict[str, Follower] = {}
        self._counter = 0
        self._lock = threading.RLock()
        # A condition for each follower: a change wakes those who look at this chat, not everybody.
        self._news: dict[str, threading.Condition] = {}

    @property
    def counter(self) -> int:
        """The number of the last change; it grows with each."""
        return self._counter

    @contextmanager
    def open(self, openid: str) -> Iterator[Follower]:
        """Look at or change a follower; whoever waits for news of him looks again afterwards."""
        with self._lock:
            follower = self._find(openid)
            yield follower
            self._counter += 1
            follower.changed = self._counter
            if openid in self._news:
                self._news[openid].notify_all()

    @contextmanager
    def peek(self, openid: str) -> Iterator[Follower]:
        """Look at a follower, or change what no page shows."""
        with self._lock:
            yield self._find(openid)

    def add(self, name: str) -> str:
        """A new follower-to-be, without a message yet; his openid. Without a name he gets a number.

        Raises:
            TooMany: there is no room for more.
        """
        openid = "o" + secrets.token_urlsafe(21)[:27]
        with self._lock:
            if len(self._followers) >= self._max:
                raise TooMany
            self._followers[openid] = Follower(openid, name or f"用户{len(self._followers) + 1}")
        return openid

    def set_following(self, openid: str, following: bool, scene: str = "") -> bool:
        """Follow, perhaps through a code with a scene, or leave; False if that was so already."""
        with self.open(openid) as follower:
            if follower.following == following:
                return False
            follower.following = following
            if following:
                follower.since, follower.scene, follower.acted = int(now().timestamp()), scene, now().timestamp()
                follower.quota.grant(Trigger.FOLLOW, now())
            else:
                follower.quota.clear()
                follower.tags.clear()
            return True

    def put(self, openid: str, sender: Sender, kind: str, content: str, **more: Any) -> Message:
        """Add a message to the chat; `more`: articles, details, state, via."""
        with self.open(openid) as follower:
            number = self._counter + 1  # the number this change is about to get
            message = Message(number, number, sender, kind, content, **more)
            follower.messages.append(message)
            if sender == "account":
                follower.unread += 1
                follower.typing_until = 0.0
            return message

    def update(self, openid: str, message: Message, **fields: Any) -> None:
        """Change a message: state, tries."""
        with self.open(openid):
            for name, value in fields.items():
                setattr(message, name, value)
            message.changed = self._counter + 1

    def retract(self, openid: str, number: int, instead: str) -> None:
        """The account has taken a message back; `instead` stands in its place."""
        with self.open(openid) as follower:
            for message in follower.messages:
                if message.id == number:
                    message.type, message.content, message.articles, message.details = "text", instead, (), {}
                    message.changed = self._counter + 1

    def set_typing(self, openid: str, typing: bool) -> None:
        """Show or hide 对方正在输入."""
        with self.open(openid) as follower:
            follower.typing_until = time.monotonic() + TYPING_LASTS if typing else 0.0

    def news(self, openid: str, after: int, wait: float) -> dict[str, Any]:
        """Messages that are new or changed since `after`, and the `cursor` to ask with next; seen means read.

        Waits up to `wait` seconds until there is something to tell.
        """
        with self._lock:
            follower = self._find(openid)
            if wait and follower.changed <= after:
                changed = self._news.setdefault(openid, threading.Condition(self._lock))
                changed.wait_for(lambda: follower.changed > after, timeout=wait)
            follower.unread = 0
            return follower.news(after)

    def followers(self) -> list[dict[str, Any]]:
        """Everybody, in the order in which they came."""
        with self._lock:
            return [follower.view() for follower in self._followers.values()]

    def recent(self, query: str = "") -> dict[str, Any]:
        """Whose chats changed last, at most LIST of those whose name or openid has `query` in it; and how many all are."""
        with self._lock:
            found = [each for each in self._followers.values() if query in each.name or query == each.openid]
            latest = sorted(found, key=lambda each: each.changed, reverse=True)[:LIST]
            unread = sum(each.unread for each in self._followers.values())
            return {"followers": [each.view() for each in latest], "total": len(self._followers), "unread": unread}

    def openids(self, tag: int | None = None) -> list[str]:
        """Who follows now, in the order in which they came; with `tag`, who has it."""
        with self._lock:
            return [
                each.openid for each in self._followers.values() if each.following and (tag is None or tag in each.tags)
            ]

    def state(self) -> dict[str, Any]:
        """All that outlasts a restart, as plain data for `restore`. Taken chat by chat, so that nobody waits long."""
        with self._lock:
            counter, openids = self._counter, list(self._followers)
        rows = []
        for openid in openids:
            with self._lock:
                rows.append(self._followers[openid].saved())
        return {"counter": counter, "followers": rows}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave. What was under way then has failed; quotas begin closed.

        Raises:
            KeyError, TypeError: not such a state.
        """
        followers = {row["openid"]: Follower.loaded(row) for row in state["followers"]}
        counter = max([int(state["counter"]), *(follower.changed for follower in followers.values())])
        with self._lock:
            self._followers, self._counter = followers, counter

    def _find(self, openid: str) -> Follower:
        if openid not in self._followers:
            raise UnknownFollower(openid)
        return self._followers[openid]
