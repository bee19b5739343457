"""Calls to WeChat's API: one token owner, time limits, and named errors that say what to do about them.

wechatpy's own client is not used: it repeats a call without end on a permanent 40001, fetches tokens without a time
limit or a lock, and does not know stable_token.
"""

import threading
from functools import cache
from typing import Any

import httpx
from redis import Redis
from redis.exceptions import RedisError

from core.logging import get_logger
from core.settings import Settings, get_settings

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
TOKEN_MARGIN = 300  # seconds before its end at which a token is fetched anew
TOKEN_ERRORS = {40001, 40014, 42001}
QUOTA_ERRORS = {45015, 45047}  # the window is closed; the quota is spent
GONE_ERRORS = {40003, 43004, 43019, 48002}  # unknown, not following, blocked, refuses messages
BUSY_ERRORS = {-1, 45009, 45011}

log = get_logger()


class WechatError(Exception):
    """WeChat refused a call, or could not be reached (`code` None)."""

    def __init__(self, code: int | None, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later."""
        return self.code is None or self.code in BUSY_ERRORS or self.code in TOKEN_ERRORS

    @property
    def out_of_quota(self) -> bool:
        """Whether the follower must write first."""
        return self.code in QUOTA_ERRORS


class WechatClient:
    """The outgoing API of one official account. Thread-safe; the token is shared by all processes through Redis."""

    def __init__(self, settings: Settings, redis: Redis, http: httpx.Client | None = None) -> None:
        self._settings = settings
        self._redis = redis
        self._http = http or httpx.Client(base_url=settings.wechat_api_base_url, timeout=TIMEOUT)
        self._key = f"wechat:token:{settings.wechat_app_id}"
        self._mutex = threading.Lock()

    def send_text(self, openid: str, text: str) -> None:
        """Send a customer-service text of at most 2,048 bytes.

        Raises:
            WechatError: refused or unreachable; `retryable` and `out_of_quota` say what to do.
        """
        self._call("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})

    def check(self) -> None:
        """Raise WechatError unless the account's credentials are accepted."""
        self._token()

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._post(path, body, token=self._token())
        except WechatError as error:
            if error.code not in TOKEN_ERRORS:
                raise
            return self._post(path, body, token=self._token(renew=True))

    def _token(self, renew: bool = False) -> str:
        with self._mutex:
            if renew:
                self._redis_call("delete", self._key)
            cached = self._redis_call("get", self._key)
            if isinstance(cached, bytes):
                return cached.decode()
            # stable_token gives every caller the same token, so two processes that race do no harm.
            answer = self._post(
                "/cgi-bin/stable_token",
                {
                    "grant_type": "client_credential",
                    "appid": self._settings.wechat_app_id,
                    "secret": self._settings.wechat_app_secret.get_secret_value(),
                },
            )
            token = str(answer["access_token"])
            lasts = max(int(answer.get("expires_in", 7200)) - TOKEN_MARGIN, 1)
            self._redis_call("set", self._key, token, ex=lasts)
            return token

    def _redis_call(self, command: str, *args: Any, **options: Any) -> Any:
        """Redis only saves calls here: without it the token is fetched each time."""
        try:
            return getattr(self._redis, command)(*args, **options)
        except RedisError as error:
            log.warning("token cache unavailable", error=type(error).__name__)
            return None

    def _post(self, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        try:
            response = self._http.post(path, params={"access_token": token} if token else None, json=body)
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise WechatError(None, type(error).__name__) from error
        code = int(answer.get("errcode", 0))
        if code:
            raise WechatError(code, str(answer.get("errmsg", ""))[:100])
        return answer


@cache
def get_client() -> WechatClient:
    """The client of this process."""
    settings = get_settings()
    redis = Redis.from_url(settings.redis_address, socket_timeout=2, socket_connect_timeout=2)
    return WechatClient(settings, redis)
