"""The account's limits and WeChat's addresses: cgi-bin/openapi/quota/get, clear_quota, getcallbackip."""

from typing import Any

from sandbox.allowance import MINUTE
from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api, ok


def register(api: Api) -> None:
    """Enter the calls."""
    wechat = api.wechat

    @api.call("openapi/quota/get")
    def quota(body: dict[str, Any]) -> Answer:
        path = str(body.get("cgi_path", ""))
        if not path.startswith("/"):
            raise Refusal(76021, "cgi_path not found")
        limit, today, minute = wechat.allowance.left(path)
        return ok(
            quota={"daily_limit": limit.daily, "used": today, "remain": max(0, limit.daily - today)},
            rate_limit={"call_count": limit.minute, "used": minute, "refresh_second": MINUTE},
        )

    @api.call("clear_quota")
    def clear(body: dict[str, Any]) -> Answer:
        if body.get("appid") != wechat.settings.wechat_app_id:
            raise Refusal(40013, "invalid appid")
        wechat.allowance.clear()
        return ok()

    @api.call("getcallbackip", "GET")
    def callback_addresses(_query: dict[str, Any]) -> Answer:
        return {"ip_list": ["127.0.0.1"]}

    @api.call("get_api_domain_ip", "GET")
    def api_addresses(_query: dict[str, Any]) -> Answer:
        return {"ip_list": ["127.0.0.1"]}
