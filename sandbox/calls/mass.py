"""Mass messages: cgi-bin/message/mass/... . Who may get how many, and clientmsgid, are in sandbox/broadcasts.py."""

from typing import Any

from sandbox import content
from sandbox.broadcasts import AUDIENCE
from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api, ok

DELETED = "此内容已被发布者删除"
REAL_SPEEDS = (80, 60, 45, 30, 10)  # ten thousand a minute


def register(api: Api) -> None:
    """Enter the calls."""
    wechat, jobs = api.wechat, api.wechat.broadcasts

    def submitted(body: dict[str, Any], audience: list[str], to_all: bool = False) -> Answer:
        said = wechat.contents.read(body, content.MASS)
        job, allowed = jobs.submit(said, audience, str(body.get("clientmsgid", "")), to_all)
        wechat.job(lambda: jobs.run(job, said, len(audience), allowed))
        return ok(msg_id=job.id, **({"msg_data_id": job.id % 10**9} if body.get("msgtype") == "mpnews" else {}))

    @api.call("message/mass/sendall")
    def send_all(body: dict[str, Any]) -> Answer:
        chosen = body.get("filter")
        if not isinstance(chosen, dict):
            raise Refusal(40035, "invalid parameter")
        if chosen.get("is_to_all") is True:
            return submitted(body, wechat.phone.openids(), to_all=True)
        return submitted(body, wechat.phone.openids(wechat.tags.check(chosen.get("tag_id"))))

    @api.call("message/mass/send")
    def send(body: dict[str, Any]) -> Answer:
        openids = body.get("touser")
        if not isinstance(openids, list) or len(openids) not in AUDIENCE:
            raise Refusal(40130, "invalid openid list size, at least two openid")
        return submitted(body, list(dict.fromkeys(map(str, openids))))

    @api.call("message/mass/preview")
    def preview(body: dict[str, Any]) -> Answer:
        openid = str(body.get("touser", ""))
        said = wechat.contents.read(body, content.MASS)
        with wechat.phone.peek(openid) as follower:
            if not follower.following:
                raise Refusal(43004, "require subscribe")
        wechat.account_says(openid, said, "mass")
        return ok(msg_id=0)

    @api.call("message/mass/get")
    def status(body: dict[str, Any]) -> Answer:
        job = jobs.find(_number(body))
        return {"msg_id": job.id, "msg_status": job.status}

    @api.call("message/mass/delete")
    def delete(body: dict[str, Any]) -> Answer:
        for openid, bubble in jobs.delete(_number(body)).bubbles.items():
            wechat.phone.retract(openid, bubble, DELETED)
        return ok()

    @api.call("message/mass/speed/get")
    def speed(_body: dict[str, Any]) -> Answer:
        return {"speed": jobs.speed, "realspeed": REAL_SPEEDS[jobs.speed]}

    @api.call("message/mass/speed/set")
    def set_speed(body: dict[str, Any]) -> Answer:
        jobs.speed = body.get("speed")
        return ok()


def _number(body: dict[str, Any]) -> object:
    """The msg_id, which callers give as a number or as its digits."""
    number = body.get("msg_id")
    return int(number) if isinstance(number, str) and number.isdecimal() else number
