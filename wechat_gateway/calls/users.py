"""What WeChat tells of followers. Nickname and picture it has not told since 27 December 2021."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from wechat_gateway.client import WechatClient


@dataclass(frozen=True)
class User:
    """A follower; of one who does not follow any more only the openid is known."""

    openid: str
    subscribe: bool
    subscribe_time: datetime | None = None
    subscribe_scene: str = ""
    qr_scene_str: str = ""
    tag_ids: tuple[int, ...] = ()
    remark: str = ""
    unionid: str | None = None  # only where the account is bound to an Open Platform account


def info(client: WechatClient, openid: str) -> User:
    """What is known of one follower.

    Raises:
        WechatError: refused (40003 not of this account) or unreachable.
    """
    answer = client.get("/cgi-bin/user/info", {"openid": openid, "lang": "zh_CN"})
    if not answer.get("subscribe"):
        return User(openid, False)
    since = answer.get("subscribe_time")
    return User(
        openid=openid,
        subscribe=True,
        subscribe_time=datetime.fromtimestamp(int(since), UTC) if since else None,
        subscribe_scene=str(answer.get("subscribe_scene", "")),
        qr_scene_str=str(answer.get("qr_scene_str", "")),
        tag_ids=tuple(map(int, answer.get("tagid_list", ()))),
        remark=str(answer.get("remark", "")),
        unionid=answer.get("unionid"),
    )


def openids(client: WechatClient) -> Iterator[str]:
    """The openids of all followers, fetched 10,000 at a time.

    Raises:
        WechatError: refused or unreachable, when the page is fetched.
    """
    last = ""
    while True:
        answer = client.get("/cgi-bin/user/get", {"next_openid": last} if last else {})
        page = answer.get("data", {}).get("openid", [])
        yield from page
        if not page or (last := str(answer.get("next_openid", ""))) == "":
            return
