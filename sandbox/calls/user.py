"""Followers: cgi-bin/user/info. Nickname and picture have not been given since 27 December 2021."""

from typing import Any

from sandbox.wechat_api import Answer, Api


def register(api: Api) -> None:
    """Enter the calls."""

    @api.call("user/info", "GET")
    def info(query: dict[str, Any]) -> Answer:
        with api.wechat.phone.open(str(query.get("openid", ""))) as follower:
            if not follower.following:
                return {"subscribe": 0, "openid": follower.openid}
            return {
                "subscribe": 1,
                "openid": follower.openid,
                "language": "zh_CN",
                "subscribe_time": follower.since,
                "remark": "",
                "groupid": 0,
                "tagid_list": [],
                "subscribe_scene": "ADD_SCENE_SEARCH",
                "qr_scene": 0,
                "qr_scene_str": "",
            }
