"""Followers: cgi-bin/user/info, info/batchget, get, info/updateremark. No nickname or picture since 27 December 2021."""

from typing import Any

from sandbox.phone import UnknownFollower
from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api, ok

MAX_BATCH = 100
PAGE = 10_000  # openids in one answer of user/get
MAX_REMARK = 30  # characters


def register(api: Api) -> None:
    """Enter the calls."""
    phone = api.wechat.phone

    def described(openid: str) -> Answer:
        with phone.peek(openid) as follower:
            if not follower.following:
                return {"subscribe": 0, "openid": follower.openid}
            scene = follower.scene
            return {
                "subscribe": 1,
                "openid": follower.openid,
                "language": "zh_CN",
                "subscribe_time": follower.since,
                "remark": follower.remark,
                "groupid": follower.tags[0] if follower.tags else 0,
                "tagid_list": list(follower.tags),
                "subscribe_scene": "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
                "qr_scene": int(scene) if scene.isdecimal() else 0,
                "qr_scene_str": "" if scene.isdecimal() else scene,
            }

    @api.call("user/info", "GET")
    def info(query: dict[str, Any]) -> Answer:
        return described(str(query.get("openid", "")))

    @api.call("user/info/batchget")
    def batch(body: dict[str, Any]) -> Answer:
        users = body.get("user_list")
        if not isinstance(users, list) or not 1 <= len(users) <= MAX_BATCH:
            raise Refusal(40032, "invalid openid list size")
        return {"user_info_list": [described(str(user.get("openid", ""))) for user in users if isinstance(user, dict)]}

    @api.call("user/get", "GET")
    def get(query: dict[str, Any]) -> Answer:
        everybody, after = phone.openids(), str(query.get("next_openid", ""))
        if after and after not in everybody:
            raise UnknownFollower(after)
        page = everybody[everybody.index(after) + 1 if after else 0 :][:PAGE]
        data = {"data": {"openid": page}} if page else {}
        return {"total": len(everybody), "count": len(page), **data, "next_openid": page[-1] if page else ""}

    @api.call("user/info/updateremark")
    def remark(body: dict[str, Any]) -> Answer:
        text = str(body.get("remark", ""))
        if len(text) >= MAX_REMARK:
            raise Refusal(40047, "invalid remark size")
        with phone.peek(str(body.get("openid", ""))) as follower:
            follower.remark = text
        return ok()
