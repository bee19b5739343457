"""The menu: cgi-bin/menu/create, get, delete; three buttons with five under each."""

from typing import Any

from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api, ok


def register(api: Api) -> None:
    """Enter the calls."""
    menu = api.wechat.menu

    @api.call("menu/create")
    def create(body: dict[str, Any]) -> Answer:
        menu.publish(body.get("button"))
        return ok()

    @api.call("menu/get", "GET")
    def get(_query: dict[str, Any]) -> Answer:
        if menu.published is None:
            raise Refusal(46003, "menu no exist")
        return {"menu": {"button": menu.published}}

    @api.call("menu/delete", "GET")
    def delete(_query: dict[str, Any]) -> Answer:
        menu.delete()
        return ok()
