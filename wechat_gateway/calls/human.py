"""WeChat's own human service: who is there, and handing a follower over. Verified accounts only (65400 otherwise)."""

from dataclasses import dataclass
from enum import IntFlag

from wechat_gateway.client import WechatClient


class Presence(IntFlag):
    """Where an agent is logged in."""

    WEB = 1
    MOBILE = 2


@dataclass(frozen=True)
class Agent:
    """An agent who is there, and how many followers he serves."""

    account: str
    id: int
    presence: Presence
    serving: int


@dataclass(frozen=True)
class Session:
    """Who serves a follower, since when (seconds since the epoch)."""

    account: str
    since: int


def online(client: WechatClient) -> list[Agent]:
    """The agents who are there: to be looked at before a follower is handed to one of them, or he waits for nobody.

    Raises:
        WechatError: refused (65400 not enabled) or unreachable.
    """
    rows = client.get("/cgi-bin/customservice/getonlinekflist").get("kf_online_list", [])
    return [
        Agent(row["kf_account"], int(row["kf_id"]), Presence(int(row["status"])), int(row.get("accepted_case", 0)))
        for row in rows
    ]


def create_session(client: WechatClient, openid: str, account: str) -> None:
    """Hand a follower to an agent who is there; his messages then go to the agent and not to us.

    Raises:
        WechatError: refused (61458, 65414 served by another; 61459, 65415 agent offline; 65400, 65401) or unreachable.
    """
    client.post("/customservice/kfsession/create", {"kf_account": account, "openid": openid})


def close_session(client: WechatClient, openid: str, account: str) -> None:
    """End the session; the follower's messages come to us again.

    Raises:
        WechatError: refused (61458, 65413 no such session, 65400) or unreachable.
    """
    client.post("/customservice/kfsession/close", {"kf_account": account, "openid": openid})


def session(client: WechatClient, openid: str) -> Session | None:
    """Who serves the follower; None: nobody.

    Raises:
        WechatError: refused (65400) or unreachable.
    """
    answer = client.get("/customservice/kfsession/getsession", {"openid": openid})
    account = str(answer.get("kf_account") or "")
    return Session(account, int(answer.get("createtime") or 0)) if account else None
