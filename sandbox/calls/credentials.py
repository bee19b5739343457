"""Access tokens: cgi-bin/stable_token (10,000 a minute) and the older cgi-bin/token (2,000 a day)."""

from typing import Any

from core.security import same
from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api


def register(api: Api) -> None:
    """Enter the calls."""
    settings, tokens = api.wechat.settings, api.wechat.tokens

    def check(given: dict[str, Any]) -> None:
        if given.get("grant_type") != "client_credential":
            raise Refusal(40002, "invalid grant_type")
        if given.get("appid") != settings.wechat_app_id:
            raise Refusal(40013, "invalid appid")
        if not same(str(given.get("secret", "")), settings.wechat_app_secret.get_secret_value()):
            raise Refusal(40125, "invalid appsecret")

    @api.call("stable_token", token=False)
    def stable_token(body: dict[str, Any]) -> Answer:
        check(body)
        token, lasts = tokens.stable(renew=body.get("force_refresh") is True)
        return {"access_token": token, "expires_in": lasts}

    @api.call("token", "GET", token=False)
    def token(query: dict[str, Any]) -> Answer:
        check(query)
        value, lasts = tokens.plain()
        return {"access_token": value, "expires_in": lasts}
