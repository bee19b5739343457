"""Followers who write all the time, a little more than answers are given in an outage, and less than they are otherwise."""

import itertools
import threading
from dataclasses import dataclass
from random import Random

import httpx

from tests.product import Product

SIZE = 60  # one after the other, so each writes every quarter of a minute: far within WeChat's quota
EVERY = 0.25  # seconds
IN_A_ROW = 0.1  # share of messages that the same follower follows up at once
SAYINGS = (
    "小型微利企业的所得税现在是多少({})",
    "创业担保贷款个人最多能贷多少({})",
    "办创业担保贷款要准备哪些材料({})",
    "高新技术企业有什么优惠({})",
    "你好({})",
    "谢谢({})",
    "转人工({})",
)
BUTTONS = ("help", "loan_info", "a button that no program knows")


@dataclass
class Crowd:
    """Its members follow when it is made; they write until `stop`."""

    product: Product
    random: Random

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.product.phone, timeout=30)
        self.members = [self._post("", {"name": f"fault{number}"})["openid"] for number in range(SIZE)]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Stop writing.

        Raises:
            httpx.HTTPError: the stand-in itself failed.
        """
        self._stopped.set()
        self._thread.join()
        if self.failure:
            raise self.failure

    def _write(self) -> None:
        numbers = itertools.count(1)
        try:
            for member in itertools.cycle(self.members):
                self._say(member, next(numbers))
                if self.random.random() < IN_A_ROW:
                    self._say(member, next(numbers))
                if self._stopped.wait(EVERY):
                    return
        except httpx.HTTPError as error:
            self.failure = error

    def _say(self, member: str, number: int) -> None:
        if self.random.random() < 0.1:
            self._post(f"/{member}/menu", {"key": self.random.choice(BUTTONS)})
        else:
            words = self.random.choice(SAYINGS).format(number)
            self._post(f"/{member}/messages", {"type": "text", "content": words})

    def _post(self, path: str, body: dict[str, str]) -> dict[str, str]:
        answer: dict[str, str] = self._http.post(f"/api/followers{path}", json=body).raise_for_status().json()
        return answer
