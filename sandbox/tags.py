"""Tags of followers: at most 100, twenty for one follower, fifty followers a call. Which follower has which stands with him."""

import itertools
import threading
from typing import Any

from sandbox.phone import Phone, UnknownFollower
from sandbox.refusal import Refusal

MAX_TAGS = 100
MAX_NAME = 30  # characters
MAX_PER_FOLLOWER = 20
MAX_OPENIDS = 50  # in one call
BUILT_IN = {2: "星标组"}
FIRST = 100  # number of the first tag an account makes


class Tags:
    """The account's tags. Thread-safe."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._names: dict[int, str] = dict(BUILT_IN)
        self._lock = threading.Lock()

    def create(self, name: str) -> int:
        """A new tag; its number.

        Raises:
            Refusal: 45056 too many, 45157 there is one of that name, 45158 the name is too long, 40035 or missing.
        """
        with self._lock:
            if len(self._names) - len(BUILT_IN) >= MAX_TAGS:
                raise Refusal(45056, "too many tag now, can not add more")
            self._check(name)
            number = next(number for number in itertools.count(FIRST) if number not in self._names)
            self._names[number] = name
            return number

    def rename(self, number: int, name: str) -> None:
        """Another name; refusals as in `create`, and 45058 for a built-in one."""
        with self._lock:
            self._own(number)
            self._check(name)
            self._names[number] = name

    def delete(self, number: int) -> None:
        """Do away with a tag; refusals as in `rename`."""
        with self._lock:
            self._own(number)
            del self._names[number]
        for openid in self._phone.openids(number):
            with self._phone.peek(openid) as follower:
                follower.tags.remove(number)

    def all(self) -> list[dict[str, Any]]:
        """Every tag with the number of its followers."""
        with self._lock:
            names = dict(self._names)
        return [{"id": key, "name": name, "count": len(self._phone.openids(key))} for key, name in names.items()]

    def check(self, number: object) -> int:
        """The number, if there is such a tag.

        Raises:
            Refusal: 45159 there is none.
        """
        with self._lock:
            if not isinstance(number, int) or number not in self._names:
                raise Refusal(45159, "invalid tag id")
        return number

    def give(self, number: object, openids: object) -> None:
        """Tag followers: all or none.

        Raises:
            Refusal: 45159 no such tag, 40032 not 1 to 50 openids, 49003 not a follower, 45059 twenty tags already.
        """
        tag = self.check(number)
        names = self._audience(openids)
        for openid in names:
            with self._phone.peek(openid) as follower:
                if tag not in follower.tags and len(follower.tags) >= MAX_PER_FOLLOWER:
                    raise Refusal(45059, "can not add too many tags to a fans")
        for openid in names:
            with self._phone.peek(openid) as follower:
                if tag not in follower.tags:
                    follower.tags.append(tag)

    def take(self, number: object, openids: object) -> None:
        """Untag followers; refusals as in `give`."""
        tag = self.check(number)
        for openid in self._audience(openids):
            with self._phone.peek(openid) as follower:
                if tag in follower.tags:
                    follower.tags.remove(tag)

    def state(self) -> dict[str, str]:
        """The tags as plain data for `restore`."""
        with self._lock:
            return {str(number): name for number, name in self._names.items()}

    def restore(self, state: dict[str, str]) -> None:
        """Take over what `state` gave."""
        with self._lock:
            self._names = {int(number): name for number, name in state.items()}

    def _audience(self, openids: object) -> list[str]:
        if not isinstance(openids, list) or not 1 <= len(openids) <= MAX_OPENIDS:
            raise Refusal(40032, "invalid openid list size")
        for openid in openids:
            try:
                with self._phone.peek(str(openid)) as follower:
                    following = follower.following
            except UnknownFollower:
                following = False
            if not following:
                raise Refusal(49003, "not match openid with appid")
        return [str(openid) for openid in openids]

    def _own(self, number: int) -> None:
        if number in BUILT_IN or number in (0, 1):
            raise Refusal(45058, "can't modify sys tag")
        if number not in self._names:
            raise Refusal(45159, "invalid tag id")

    def _check(self, name: str) -> None:
        if not name:
            raise Refusal(40035, "invalid parameter")
        if len(name) > MAX_NAME:
            raise Refusal(45158, "invalid tag name size")
        if name in self._names.values():
            raise Refusal(45157, "invalid tag name")
