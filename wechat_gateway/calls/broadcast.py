"""Mass sending. A call only starts a job: how many it reached says the event MASSSENDJOBFINISH, nothing else does.

Limits (the platform's pages on mass sending): a follower of a service account receives at most 4 a calendar month, a
verified subscription account sends one a day; 60 calls a minute; 2 to 10,000 openids a call. Where the account has API
protection on, an administrator must confirm within 30 minutes or the job fails.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wechat_gateway.client import WechatClient
from wechat_gateway.errors import Duplicate

MIN_RECIPIENTS, MAX_RECIPIENTS = 2, 10_000
MAX_TEXT = 2047  # UTF-8 bytes, as for customer-service texts
_CLIENT_MSG_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")  # 64 are documented; 36 were refused (45067)


@dataclass(frozen=True)
class MassText:
    """Words."""

    content: str


@dataclass(frozen=True)
class MassImage:
    """A permanent picture (media.upload_permanent_image)."""

    media_id: str


@dataclass(frozen=True)
class MassArticles:
    """A draft (publishing.add)."""

    media_id: str


Content = MassText | MassImage | MassArticles


@dataclass(frozen=True)
class Job:
    """A sending that WeChat has taken on. `duplicate`: it had done so before, and nothing is sent again."""

    msg_id: int
    duplicate: bool = False


class JobState(StrEnum):
    """How far WeChat is, in its own words."""

    SENDING = "SENDING"
    SUCCESS = "SEND_SUCCESS"
    FAILED = "SEND_FAIL"
    DELETED = "DELETE"


def client_msg_id(campaign: str, chunk: int) -> str:
    """The key by which WeChat recognises a repetition within 24 hours: the same for the same part of a campaign."""
    return hashlib.sha256(f"{campaign}:{chunk}".encode()).hexdigest()[:32]


def chunks(openids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The recipients, each once, in parts of 2 to 10,000; the same list gives the same parts.

    Raises:
        ValueError: fewer than two; a single follower gets a customer-service message or a notification.
    """
    unique = tuple(dict.fromkeys(openids))
    if len(unique) < MIN_RECIPIENTS:
        raise ValueError(f"a mass sending has at least {MIN_RECIPIENTS} recipients, not {len(unique)}")
    start = 0
    while start < len(unique):
        left = len(unique) - start
        size = MAX_RECIPIENTS - 1 if left == MAX_RECIPIENTS + 1 else min(left, MAX_RECIPIENTS)  # leave no single one
        yield unique[start : start + size]
        start += size


def send_to_tag(client: WechatClient, tag_id: int, content: Content, key: str) -> Job:
    """Start sending to the followers of a tag; `key` is a `client_msg_id`.

    Raises:
        ValueError: beyond a limit.
        WechatError: refused (45028 no quota, 45066 wait a minute, 48001, 45159) or unreachable: then the same call with
            the same key may be made again.
    """
    body = {"filter": {"is_to_all": False, "tag_id": tag_id}, **_content(content)}
    return _start(client, "sendall", body, key)


def send_to_openids(client: WechatClient, openids: Sequence[str], content: Content, key: str) -> Job:
    """Start sending to one of the `chunks`; `key` is its `client_msg_id`.

    Raises:
        ValueError: not 2 to 10,000 different recipients, or beyond another limit.
        WechatError: refused (45028 no quota, 45066 wait a minute, 40031, 40032) or unreachable: then the same call with
            the same key may be made again.
    """
    if not MIN_RECIPIENTS <= len(openids) <= MAX_RECIPIENTS or len(set(openids)) != len(openids):
        raise ValueError(f"a call has {MIN_RECIPIENTS} to {MAX_RECIPIENTS} different recipients; see chunks()")
    return _start(client, "send", {"touser": list(openids), **_content(content)}, key)


def preview(client: WechatClient, openid: str, content: Content) -> None:
    """Send it to one follower to look at, at most 100 times a day.

    Raises:
        ValueError: beyond a limit.
        WechatError: refused or unreachable.
    """
    body = _content(content)
    if isinstance(content, MassImage):  # here one picture, in the mass calls a list
        body = {"msgtype": "image", "image": {"media_id": content.media_id}}
    client.post("/cgi-bin/message/mass/preview", {"touser": openid, **body})


def delete(client: WechatClient, msg_id: int, article: int = 0) -> None:
    """Take articles back whose page then shows that it was deleted; the message itself stays. Articles only.

    Args:
        client: the account.
        msg_id: of the job.
        article: the how manieth, from 1; 0: all.

    Raises:
        WechatError: refused (40059) or unreachable.
    """
    client.post("/cgi-bin/message/mass/delete", {"msg_id": msg_id, "article_idx": article})


def state(client: WechatClient, msg_id: int) -> JobState:
    """How far the job is; the numbers of recipients come by MASSSENDJOBFINISH only.

    Raises:
        ValueError: a state that is not in the platform's list.
        WechatError: refused (40059) or unreachable.
    """
    return JobState(client.post("/cgi-bin/message/mass/get", {"msg_id": msg_id})["msg_status"])


def _start(client: WechatClient, call: str, body: dict[str, Any], key: str) -> Job:
    if not _CLIENT_MSG_ID.fullmatch(key):
        raise ValueError("the key has 1 to 32 characters of [0-9a-zA-Z_-]; see client_msg_id()")
    try:
        answer = client.post(f"/cgi-bin/message/mass/{call}", {**body, "clientmsgid": key})
    except Duplicate as error:
        return Job(error.msg_id, duplicate=True)
    return Job(int(answer["msg_id"]))


def _content(content: Content) -> dict[str, Any]:
    match content:
        case MassText():
            if not 0 < len(content.content.encode(errors="replace")) <= MAX_TEXT:
                raise ValueError(f"a text has 1 to {MAX_TEXT} bytes")
            return {"msgtype": "text", "text": {"content": content.content}}
        case MassImage():
            return {"msgtype": "image", "images": {"media_ids": [content.media_id]}}
        case MassArticles():
            # Where an article is found to be a reprint the job goes on; WeChat then names its source.
            return {"msgtype": "mpnews", "mpnews": {"media_id": content.media_id}, "send_ignore_reprint": 1}
