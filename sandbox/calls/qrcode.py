"""QR codes with a scene: cgi-bin/qrcode/create; the picture is at cgi-bin/showqrcode (app.py), without a token."""

from typing import Any

from sandbox.wechat_api import Answer, Api


def register(api: Api) -> None:
    """Enter the call."""

    @api.call("qrcode/create")
    def create(body: dict[str, Any]) -> Answer:
        code, lasts = api.wechat.codes.create(
            body.get("action_name"), body.get("action_info"), body.get("expire_seconds")
        )
        return {"ticket": code.ticket, "url": code.url} | ({"expire_seconds": lasts} if lasts else {})
