"""WeChat's API for tests of what calls it: answers each path as it was told, and remembers what it was asked."""

import json
from collections import defaultdict
from typing import Any

import httpx
from redis import Redis

from core.settings import get_settings
from wechat_gateway.client import WechatClient

NO_REDIS = "redis://127.0.0.1:1/0"  # nobody listens there


class WechatStub:
    """Give `answers[path]` a list: each call takes the next one, the last one stays. No answers: errcode 0."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = defaultdict(list)
        self.answers["/cgi-bin/stable_token"] = [{"access_token": "TOKEN-1", "expires_in": 7200}]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answers = self.answers[request.url.path] or [{"errcode": 0, "errmsg": "ok"}]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def paths(self) -> list[str]:
        """Paths of the calls, those for tokens left out."""
        return [request.url.path for request in self.calls()]

    def calls(self) -> list[httpx.Request]:
        """The calls, those for tokens left out."""
        return [request for request in self.requests if request.url.path != "/cgi-bin/stable_token"]

    def tokens(self) -> list[dict[str, Any]]:
        """What was said when tokens were fetched."""
        return [json.loads(row.content) for row in self.requests if row.url.path == "/cgi-bin/stable_token"]

    def body(self, index: int = -1) -> dict[str, Any]:
        """The JSON of a call, the last one unless told."""
        body: dict[str, Any] = json.loads(self.calls()[index].content)
        return body


def client_of(stub: WechatStub, redis: Redis | None = None) -> WechatClient:
    """A client that calls the stub; without `redis` there is none."""
    http = httpx.Client(base_url="http://wechat", transport=httpx.MockTransport(stub))
    return WechatClient(get_settings(), redis or Redis.from_url(NO_REDIS), http)
