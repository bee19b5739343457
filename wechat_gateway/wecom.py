"""Enterprise WeChat, the way into community groups: an official account cannot write there.

Two ways, both slow on purpose. A group task goes to a member of staff who must confirm it on his phone; until then nothing
is sent. A group robot writes at once, into internal groups only.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import RedisError

from wechat_gateway.client import TIMEOUT, ApiClient, Transport
from wechat_gateway.errors import CODES, GIVE_UP, MEND, RETRY, WAIT, Known, TokenInvalid, Unreachable, WechatError

BASE_URL = "https://qyapi.weixin.qq.com"
MAX_CHATS = 2000
MAX_ATTACHMENTS = 9
MAX_TASK_TEXT = 4000  # UTF-8 bytes
MAX_ROBOT_TEXT = 2048  # UTF-8 bytes
ROBOT_MESSAGES, ROBOT_SECONDS = 20, 60  # each robot; beyond, WeCom blocks it for about ten minutes

# Enterprise WeChat's numbers that mean something else than the official account's, or are its own.
WECOM_CODES: Mapping[int, Known] = {
    **CODES,
    40001: Known("secret_invalid", MEND, "企业微信的 secret 不对"),
    40003: Known("user_invalid", GIVE_UP, "成员账号不对"),
    40013: Known("corp_id_invalid", MEND, "企业 ID 不对"),
    40058: Known("argument_invalid", GIVE_UP, "参数不对"),
    41048: Known("no_recipients", GIVE_UP, "没有可以发送的客户或客户群"),
    45002: Known("text_too_long", GIVE_UP, "消息内容过长"),
    45009: Known("rate_limit", WAIT, "调用太频繁"),
    45033: Known("concurrency_limit", RETRY, "同时调用过多"),
    48002: Known("api_forbidden", MEND, "应用没有该接口权限"),
    50001: Known("domain_untrusted", MEND, "域名未登记可信域名"),
    60011: Known("member_forbidden", MEND, "应用没有该成员的权限"),
    60020: Known("ip_not_listed", MEND, "服务器 IP 不在企业可信 IP"),
    60111: Known("member_missing", GIVE_UP, "成员不存在"),
    84061: Known("not_a_customer", GIVE_UP, "不是外部联系人"),
    93000: Known("robot_invalid", MEND, "群机器人地址无效，或机器人已被移除"),
    301002: Known("no_permission", MEND, "没有操作权限"),
}
_TOKEN_CODES = {40014, 42001}


class WecomError(WechatError):
    """Enterprise WeChat refused a call."""

    table = WECOM_CODES


class RobotBusy(WecomError):
    """The robot has written as often as it may; `seconds` until it may again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(45009, f"again in {seconds:.0f} s")
        self.seconds = seconds


class TaskState(Enum):
    """What became of a task in one group. Only a member of staff makes `SENT` of `PENDING_CONFIRMATION`."""

    PENDING_CONFIRMATION = 0
    SENT = 1
    FAILED_NOT_FRIEND = 2
    FAILED_LIMIT = 3  # the group has had as many this month as it may


@dataclass(frozen=True)
class GroupTask:
    """A task as created: nothing is sent yet. `refused` are groups that cannot be written to."""

    msg_id: str
    refused: tuple[str, ...] = ()
    state: TaskState = TaskState.PENDING_CONFIRMATION


@dataclass(frozen=True)
class GroupResult:
    """What became of the task in one group; `sent_at` in seconds since the epoch."""

    chat_id: str
    staff: str
    state: TaskState
    sent_at: int | None = None


class WecomClient(ApiClient):
    """The customer-contact API of one company."""

    def __init__(
        self,
        corp_id: str,
        secret: SecretStr,
        redis: Redis,
        http: httpx.Client | None = None,
        *,
        base_url: str = BASE_URL,
    ) -> None:
        # A company has a secret, and so a token, for each of its applications.
        application = hashlib.sha256(secret.get_secret_value().encode()).hexdigest()[:12]
        super().__init__(f"{corp_id}:{application}", redis, http or httpx.Client(base_url=base_url, timeout=TIMEOUT))
        self._corp_id = corp_id
        self._secret = secret

    def _fetch_token(self, force: bool) -> tuple[str, int]:
        secret = self._secret.get_secret_value()
        query = {"corpid": self._corp_id, "corpsecret": secret}
        answer = self._request("GET", "/cgi-bin/gettoken", query, secret=secret)
        return str(answer["access_token"]), int(answer.get("expires_in", 7200))

    def _refusal(self, code: int, detail: str, answer: Mapping[str, Any]) -> WechatError:
        return TokenInvalid(code, detail) if code in _TOKEN_CODES else WecomError(code, detail)


def create_group_task(
    client: WecomClient,
    staff: str,
    text: str,
    *,
    chat_ids: Sequence[str] = (),
    attachments: Sequence[Mapping[str, Any]] = (),
) -> GroupTask:
    """Ask a member of staff to send a message to his groups. He must confirm; until then nothing is sent.

    A group receives at most as many a month as the month has days. Staff may be reminded three times in 24 hours.

    Args:
        client: the company.
        staff: user id of the member, who owns the groups.
        text: at most 4,000 bytes; may be empty where there are attachments.
        chat_ids: at most 2,000 of his groups; none: all of them.
        attachments: at most 9, in WeCom's form: `{"msgtype": "link", "link": {...}}`.

    Raises:
        ValueError: beyond a limit.
        WechatError: refused (41048 nobody to send to, 48002, 60011) or unreachable: the task may have been created.
    """
    if len(chat_ids) > MAX_CHATS or len(attachments) > MAX_ATTACHMENTS:
        raise ValueError(f"a task has at most {MAX_CHATS} groups and {MAX_ATTACHMENTS} attachments")
    if len(text.encode(errors="replace")) > MAX_TASK_TEXT or not (text or attachments):
        raise ValueError(f"a task has a text of at most {MAX_TASK_TEXT} bytes, or attachments")
    body: dict[str, Any] = {"chat_type": "group", "sender": staff, "attachments": list(attachments)}
    if chat_ids:
        body["chat_id_list"] = list(chat_ids)
    if text:
        body["text"] = {"content": text}
    answer = client.post("/cgi-bin/externalcontact/add_msg_template", body)
    return GroupTask(str(answer["msgid"]), tuple(map(str, answer.get("fail_list") or ())))


def task_result(client: WecomClient, msg_id: str) -> list[GroupResult]:
    """What became of a task, group by group. Empty while WeCom has not handed it to staff yet.

    Raises:
        ValueError: a state that is not in the platform's list.
        WechatError: refused or unreachable.
    """
    results = []
    for task in _pages(client, "get_groupmsg_task", "task_list", {"msgid": msg_id}):
        query = {"msgid": msg_id, "userid": str(task["userid"])}
        for row in _pages(client, "get_groupmsg_send_result", "send_list", query):
            sent_at = int(row.get("send_time") or 0) or None
            state = TaskState(int(row["status"]))
            results.append(GroupResult(str(row.get("chat_id", "")), query["userid"], state, sent_at))
    return results


def _pages(client: WecomClient, call: str, rows: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        answer = client.post(f"/cgi-bin/externalcontact/{call}", {**query, "cursor": cursor})
        yield from answer.get(rows) or ()
        if not (cursor := str(answer.get("next_cursor") or "")):
            return


# Room within the last minute? Then take it, else the milliseconds until there is. One step for all processes, by the
# clock of Redis.
_TAKE = """
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  return redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] + ARGV[2] - now
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 0
"""


class GroupRobot(Transport):
    """A robot in an internal group; `key` is the secret part of its webhook address."""

    def __init__(
        self, key: SecretStr, redis: Redis, http: httpx.Client | None = None, *, base_url: str = BASE_URL
    ) -> None:
        super().__init__(http or httpx.Client(base_url=base_url, timeout=TIMEOUT))
        self._key = key
        self._redis = redis
        self._window = f"wecom:robot:{hashlib.sha256(key.get_secret_value().encode()).hexdigest()[:32]}"

    def send_text(self, text: str, *, mention: Sequence[str] = ()) -> None:
        """Write into the group at once.

        Args:
            text: at most 2,048 bytes.
            mention: user ids of members to be told; `@all` for everybody.

        Raises:
            ValueError: too long, or empty.
            RobotBusy: 20 messages within the last minute, all processes together; nothing was sent.
            WechatError: refused (93000 no such robot), unreachable, or Redis is, which counts the messages.
        """
        if not 0 < len(text.encode(errors="replace")) <= MAX_ROBOT_TEXT:
            raise ValueError(f"a robot's text has 1 to {MAX_ROBOT_TEXT} bytes")
        self._take_turn()
        content: dict[str, Any] = {"content": text}
        if mention:
            content["mentioned_list"] = list(mention)
        key = self._key.get_secret_value()
        body = {"msgtype": "text", "text": content}
        self._request("POST", "/cgi-bin/webhook/send", {"key": key}, secret=key, json=body)

    def _take_turn(self) -> None:
        arguments = [str(ROBOT_MESSAGES), str(ROBOT_SECONDS * 1000), secrets.token_hex(8)]
        try:
            wait = self._redis.eval(_TAKE, 1, self._window, *arguments)
        except RedisError as error:
            raise Unreachable(f"Redis: {type(error).__name__}") from error
        if milliseconds := int(wait):
            raise RobotBusy(milliseconds / 1000)

    def _refusal(self, code: int, detail: str, answer: Mapping[str, Any]) -> WechatError:
        return WecomError(code, detail)
