"""A follower at the phone page's API: says something, sees what comes."""

from typing import Any

import httpx

from tests.product import Product
from tests.waiting import wait_until


class Phone:
    """One follower; following is answered by the welcome text."""

    def __init__(self, product: Product, name: str) -> None:
        self._http = httpx.Client(base_url=product.phone, timeout=40)
        self.openid: str = self._http.post("/api/followers", json={"name": name}).raise_for_status().json()["openid"]
        self._seen = 0
        self.welcome = self.wait_for_answer()

    def say(self, text: str) -> str:
        """Send a text; the account's answer to it."""
        self.send(text)
        return self.wait_for_answer()

    def send(self, text: str) -> None:
        """Send a text."""
        self._act("messages", {"type": "text", "content": text})

    def show(self, **message: str) -> str:
        """Send a message of another kind (`type="voice"`, ...) or scan a code; the account's answer."""
        self._act("messages", dict(message))
        return self.wait_for_answer()

    def tap(self, key: str) -> str:
        """Tap a button of the menu; the account's answer."""
        self._act("menu", {"key": key})
        return self.wait_for_answer()

    def _act(self, what: str, body: dict[str, str]) -> None:
        self._seen = max(int(each["id"]) for each in self.messages())
        self._http.post(f"/api/followers/{self.openid}/{what}", json=body).raise_for_status()

    def wait_for_answer(self) -> str:
        """The account's first text after what was sent last."""
        wait_until(self._answers, 30)
        return self._answers()[0]

    def messages(self) -> list[dict[str, str]]:
        """Everything the phone shows."""
        shown = self._http.get(f"/api/followers/{self.openid}/messages").raise_for_status().json()
        return list(shown["messages"])

    def last_delivery(self) -> dict[str, Any]:
        """The stand-in's latest push for this follower, with what the gateway answered."""
        log = self._http.get("/api/deliveries").raise_for_status().json()["deliveries"]
        return max((each for each in log if each["openid"] == self.openid), key=lambda each: int(each["id"]))

    def _answers(self) -> list[str]:
        return [
            each["content"] for each in self.messages() if each["from"] == "account" and int(each["id"]) > self._seen
        ]
