"""A follower at the phone page's API: says something, sees what comes."""

import httpx

from tests.product import Product
from tests.waiting import wait_until


class Phone:
    """One follower; following is answered by the welcome text."""

    def __init__(self, product: Product, name: str) -> None:
        self._http = httpx.Client(base_url=product.phone, timeout=40)
        self.openid: str = self._http.post("/api/followers", json={"name": name}).raise_for_status().json()["openid"]
        self.welcome = self._answer(after=0)

    def say(self, text: str) -> str:
        """Send a text; the account's answer to it."""
        last = max(int(each["id"]) for each in self.messages())
        sent = self._http.post(f"/api/followers/{self.openid}/messages", json={"type": "text", "content": text})
        sent.raise_for_status()
        return self._answer(after=last)

    def messages(self) -> list[dict[str, str]]:
        """Everything the phone shows."""
        shown = self._http.get(f"/api/followers/{self.openid}/messages").raise_for_status().json()
        return list(shown["messages"])

    def _answer(self, after: int) -> str:
        def answers() -> list[str]:
            return [
                each["content"] for each in self.messages() if each["from"] == "account" and int(each["id"]) > after
            ]

        wait_until(answers, 30)
        return answers()[0]
