"""Tags: cgi-bin/tags/..., user/tag/get. Limits and refusals are in sandbox/tags.py."""

from typing import Any

from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api, ok

PAGE = 10_000  # openids in one answer of user/tag/get


def register(api: Api) -> None:
    """Enter the calls."""
    tags, phone = api.wechat.tags, api.wechat.phone

    @api.call("tags/create")
    def create(body: dict[str, Any]) -> Answer:
        tag = _tag(body)
        name = str(tag.get("name", ""))
        return {"tag": {"id": tags.create(name), "name": name}}

    @api.call("tags/get", "GET")
    def get(_query: dict[str, Any]) -> Answer:
        return {"tags": tags.all()}

    @api.call("tags/update")
    def update(body: dict[str, Any]) -> Answer:
        tag = _tag(body)
        tags.rename(_number(tag), str(tag.get("name", "")))
        return ok()

    @api.call("tags/delete")
    def delete(body: dict[str, Any]) -> Answer:
        tags.delete(_number(_tag(body)))
        return ok()

    @api.call("tags/members/batchtagging")
    def give(body: dict[str, Any]) -> Answer:
        tags.give(body.get("tagid"), body.get("openid_list"))
        return ok()

    @api.call("tags/members/batchuntagging")
    def take(body: dict[str, Any]) -> Answer:
        tags.take(body.get("tagid"), body.get("openid_list"))
        return ok()

    @api.call("tags/getidlist")
    def of_follower(body: dict[str, Any]) -> Answer:
        with phone.peek(str(body.get("openid", ""))) as follower:
            return {"tagid_list": list(follower.tags)}

    @api.call("user/tag/get")
    def members(body: dict[str, Any]) -> Answer:
        everybody = phone.openids(tags.check(body.get("tagid")))
        after = str(body.get("next_openid", ""))
        page = everybody[everybody.index(after) + 1 if after in everybody else 0 :][:PAGE]
        data = {"data": {"openid": page}, "next_openid": page[-1]} if page else {}
        return {"count": len(page), **data}


def _tag(body: dict[str, Any]) -> dict[str, Any]:
    tag = body.get("tag")
    if not isinstance(tag, dict):
        raise Refusal(40035, "invalid parameter")
    return tag


def _number(tag: dict[str, Any]) -> int:
    number = tag.get("id")
    if not isinstance(number, int):
        raise Refusal(45159, "invalid tag id")
    return number
