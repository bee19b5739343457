"""Mass messages: to a tag, to everybody, or to a list; a job whose result comes by an event.

A verified service account: four mass messages a month reach a follower; one a day goes to everybody.
"""

import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from core.clock import local_now, now
from sandbox import events
from sandbox.phone import Phone, UnknownFollower
from sandbox.push import Fields
from sandbox.refusal import Refusal
from sandbox.reply import Reply

PER_FOLLOWER = 4  # a month
TO_ALL_A_DAY, TO_ALL_A_MONTH = 1, 4
AUDIENCE = range(2, 10_001)  # openids in one call
MAX_KEY = 32
"""Characters of clientmsgid. The documentation says 64 bytes; a UUID of 36 characters has been seen to get 45067."""
UNIQUE = timedelta(hours=24)

Say = Callable[[str, Reply], int | None]


@dataclass
class Job:
    """One mass sending. `status`: SENDING, SEND_SUCCESS or DELETE; `bubbles`: openid -> id of the message there."""

    id: int
    key: str
    at: float  # Unix seconds
    status: str = "SENDING"
    bubbles: dict[str, int] = field(default_factory=dict)


class Broadcasts:
    """The jobs. Thread-safe."""

    def __init__(self, phone: Phone, say: Say) -> None:
        """`say` puts the message on a phone."""
        self._phone = phone
        self._say = say
        self._jobs: dict[int, Job] = {}
        self._to_all: list[str] = []  # days on which one went to everybody
        self._speed = 0
        self._lock = threading.Lock()

    def submit(self, reply: Reply, audience: list[str], key: str, to_all: bool = False) -> tuple[Job, list[str]]:
        """Begin a job. Returns it and to whom it will go: whoever has had his four this month is left out.

        Raises:
            Refusal: 45067 the key is too long; 45065 there is a job of that key (with its msg_id), 45066 it is still
                being sent; 45028 nobody may get one any more.
        """
        if len(key) > MAX_KEY:
            raise Refusal(45067, "clientmsgid size out of limit")
        key = key or _digest(reply, audience)
        with self._lock:
            self._refuse_again(key)
            if to_all:
                self._count_to_all()
            month = f"{local_now():%Y-%m}"
            allowed = [openid for openid in audience if self._reserve(openid, month)]
            if not allowed:
                raise Refusal(45028, "has no masssend quota")
            job = Job(3_000_000_000 + secrets.randbelow(10**9), key, now().timestamp())
            self._jobs[job.id] = job
            return job, allowed

    def run(self, job: Job, reply: Reply, total: int, allowed: list[str]) -> Fields:
        """Put the message on the phones (`allowed` of `total` followers); the event that tells the result."""
        for openid in allowed:
            number = self._say(openid, reply)
            if number is not None:
                job.bubbles[openid] = number
        with self._lock:
            job.status = "SEND_SUCCESS"
        sent = len(job.bubbles)
        return events.job_done(
            "MASSSENDJOBFINISH",
            MsgID=job.id,
            Status="send success",
            TotalCount=total,
            FilterCount=len(allowed),
            SentCount=sent,
            ErrorCount=len(allowed) - sent,
            CopyrightCheckResult={"Count": 0, "ResultList": "", "CheckState": 2},
        )

    def find(self, number: object) -> Job:
        """The job; 40059 if there is none."""
        with self._lock:
            job = self._jobs.get(number) if isinstance(number, int) else None
        if job is None:
            raise Refusal(40059, "invalid msg id")
        return job

    def delete(self, number: object) -> Job:
        """Take a mass message back; 40059 if there is none."""
        job = self.find(number)
        with self._lock:
            job.status = "DELETE"
        return job

    @property
    def speed(self) -> int:
        """0 (800,000 a minute) to 4 (100,000)."""
        return self._speed

    @speed.setter
    def speed(self, value: object) -> None:
        if not isinstance(value, int) or value not in range(5):
            raise Refusal(45083, "invalid speed")
        self._speed = value

    def _refuse_again(self, key: str) -> None:
        since = now().timestamp() - UNIQUE.total_seconds()
        earlier = next((job for job in self._jobs.values() if job.key == key and job.at > since), None)
        if earlier is None:
            return
        if earlier.status == "SENDING":
            raise Refusal(45066, "same clientmsgid retry too fast")
        raise Refusal(45065, "clientmsgid exist", msg_id=earlier.id)

    def _count_to_all(self) -> None:
        day = f"{local_now():%Y-%m-%d}"
        this_month = [each for each in self._to_all if each[:7] == day[:7]]
        if this_month.count(day) >= TO_ALL_A_DAY or len(this_month) >= TO_ALL_A_MONTH:
            raise Refusal(45028, "has no masssend quota")
        self._to_all = [*this_month, day]

    def _reserve(self, openid: str, month: str) -> bool:
        try:
            with self._phone.peek(openid) as follower:
                if not follower.following or follower.broadcasts.get(month, 0) >= PER_FOLLOWER:
                    return False
                follower.broadcasts = {month: follower.broadcasts.get(month, 0) + 1}
                return True
        except UnknownFollower:
            return False


def _digest(reply: Reply, audience: list[str]) -> str:
    """Without a clientmsgid the same message to the same people counts as the same."""
    words = [reply.type, reply.content, [vars(article) for article in reply.articles], reply.details, sorted(audience)]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()
