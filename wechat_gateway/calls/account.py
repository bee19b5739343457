"""The account's own limits and addresses."""

from dataclasses import dataclass

from wechat_gateway.client import WechatClient


@dataclass(frozen=True)
class Quota:
    """Calls of one API today, and how many a period allows."""

    daily_limit: int
    used: int
    remaining: int
    rate_limit: int = 0  # calls
    rate_seconds: int = 0  # in so many seconds; 0: no such limit


def quota(client: WechatClient, path: str) -> Quota:
    """How much of an API's daily quota is used; `path` such as `/cgi-bin/message/custom/send`.

    Raises:
        ValueError: not a path.
        WechatError: refused or unreachable.
    """
    if not path.startswith("/"):
        raise ValueError("the path begins with / and has no server")
    answer = client.post("/cgi-bin/openapi/quota/get", {"cgi_path": path})
    counts, rate = answer["quota"], answer.get("rate_limit") or {}
    return Quota(
        daily_limit=int(counts["daily_limit"]),
        used=int(counts["used"]),
        remaining=int(counts["remain"]),
        rate_limit=int(rate.get("call_count", 0)),
        rate_seconds=int(rate.get("refresh_second", 0)),
    )


def clear_quota(client: WechatClient) -> None:
    """Set all of today's counts to zero: 10 times a month, for an operator to decide and never called by itself.

    Raises:
        WechatError: refused (48006 used up) or unreachable.
    """
    client.post("/cgi-bin/clear_quota", {"appid": client.app_id})


def api_addresses(client: WechatClient) -> list[str]:
    """IP addresses of WeChat's API: what our firewall must let out.

    Raises:
        WechatError: refused or unreachable.
    """
    return [str(address) for address in client.get("/cgi-bin/get_api_domain_ip")["ip_list"]]


def callback_addresses(client: WechatClient) -> list[str]:
    """IP addresses, or ranges of them, from which WeChat delivers: what our firewall must let in.

    Raises:
        WechatError: refused or unreachable.
    """
    return [str(address) for address in client.get("/cgi-bin/getcallbackip")["ip_list"]]
