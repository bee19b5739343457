"""WeChat's own human service: who is at the desk, and whose conversation is there. State is in sandbox/desk.py."""

from typing import Any

from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api, ok


def register(api: Api) -> None:
    """Enter the calls."""
    wechat, desk = api.wechat, api.wechat.desk

    def check() -> None:
        desk.check_enabled()
        wechat.end_idle_sessions()

    @api.call("customservice/getkflist", "GET")
    def agents(_query: dict[str, Any]) -> Answer:
        check()
        return {
            "kf_list": [
                {"kf_account": each.account, "kf_nick": each.account.split("@")[0], "kf_id": str(1001 + number)}
                for number, each in enumerate(desk.agents())
            ]
        }

    @api.call("customservice/getonlinekflist", "GET")
    def online(_query: dict[str, Any]) -> Answer:
        check()
        return {
            "kf_online_list": [
                {
                    "kf_account": each.account,
                    "status": 1,
                    "kf_id": str(1001 + number),
                    "accepted_case": len(desk.sessions(each.account)),
                }
                for number, each in enumerate(desk.agents())
                if each.online
            ]
        }

    @api.call("/customservice/kfsession/create")
    def create(body: dict[str, Any]) -> Answer:
        check()
        openid, account = str(body.get("openid", "")), str(body.get("kf_account", ""))
        with wechat.phone.peek(openid) as follower:
            if not follower.following:
                raise Refusal(43004, "require subscribe")
        begun = desk.session(openid) is not None
        desk.create(openid, account)
        if not begun:
            wechat.session_begun(openid, account)
        return ok()

    @api.call("/customservice/kfsession/close")
    def close(body: dict[str, Any]) -> Answer:
        check()
        openid, account = str(body.get("openid", "")), str(body.get("kf_account", ""))
        if not account:
            raise Refusal(61457, "invalid kf account")
        wechat.session_ended(openid, desk.close(openid, account))
        return ok()

    @api.call("/customservice/kfsession/getsession", "GET")
    def get(query: dict[str, Any]) -> Answer:
        check()
        session = desk.session(str(query.get("openid", "")))
        return ok(kf_account=session.agent if session else "", createtime=session.since if session else 0)

    @api.call("/customservice/kfsession/getsessionlist", "GET")
    def of_agent(query: dict[str, Any]) -> Answer:
        check()
        sessions = desk.sessions(str(query.get("kf_account", "")))
        return ok(sessionlist=[{"openid": openid, "createtime": each.since} for openid, each in sessions.items()])

    @api.call("/customservice/kfsession/getwaitcase", "GET")
    def waiting(_query: dict[str, Any]) -> Answer:
        check()
        cases = [{"openid": openid, "latest_time": since} for openid, since in desk.queue().items()]
        return ok(count=len(cases), waitcaselist=cases)
