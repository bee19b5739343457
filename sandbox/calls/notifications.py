"""Template messages (cgi-bin/template/..., message/template/send) and subscription notifications
(message/subscribe/bizsend). Both end in an event.
"""

import secrets
from typing import Any

from sandbox import events
from sandbox.notices import Template, rows
from sandbox.refusal import Refusal
from sandbox.reply import Reply
from sandbox.wechat_api import Answer, Api, ok


def register(api: Api) -> None:
    """Enter the calls."""
    wechat, notices = api.wechat, api.wechat.notices

    def show(openid: str, template: Template, body: dict[str, Any]) -> None:
        mini_program = body.get("miniprogram")
        details = {
            "title": template.title,
            "rows": rows(template, body.get("data")),
            "url": str(body.get("url") or body.get("page") or ""),
            "appid": str(mini_program.get("appid", "")) if isinstance(mini_program, dict) else "",
        }
        wechat.account_says(openid, Reply("notice", template.title, details=details), "notice")

    @api.call("template/get_all_private_template", "GET")
    def templates(_query: dict[str, Any]) -> Answer:
        names = {"primary_industry": "政府与公共事业", "deputy_industry": "公共服务", "example": ""}
        return {
            "template_list": [
                {"template_id": each.id, "title": each.title, "content": each.content} | names
                for each in notices.all(subscription=False)
            ]
        }

    @api.call("template/api_add_template")
    def add(body: dict[str, Any]) -> Answer:
        return ok(template_id=notices.add(str(body.get("template_id_short", ""))).id)

    @api.call("template/del_private_template")
    def delete(body: dict[str, Any]) -> Answer:
        notices.delete(str(body.get("template_id", "")))
        return ok()

    @api.call("message/template/send")
    def send(body: dict[str, Any]) -> Answer:
        openid = str(body.get("touser", ""))
        template = notices.find(body.get("template_id"), subscription=False)
        rows(template, body.get("data"))
        with wechat.phone.peek(openid) as follower:
            if not follower.following:
                raise Refusal(43004, "require subscribe")
        notices.once(str(body.get("client_msg_id", "")))
        notices.throttle(openid)
        show(openid, template, body)
        number = 2_000_000_000_000_000_000 + secrets.randbits(50)
        wechat.job(lambda: events.job_done("TEMPLATESENDJOBFINISH", MsgID=number, Status="success"), openid)
        return ok(msgid=number)

    @api.call("/wxaapi/newtmpl/gettemplate", "GET")
    def subscription_templates(_query: dict[str, Any]) -> Answer:
        listed = [
            {"priTmplId": each.id, "title": each.title, "content": each.content, "example": "", "type": each.type}
            for each in notices.all(subscription=True)
        ]
        return ok(data=listed)

    @api.call("message/subscribe/bizsend")
    def notify(body: dict[str, Any]) -> Answer:
        openid = str(body.get("touser", ""))
        template = notices.find(body.get("template_id"), subscription=True)
        rows(template, body.get("data"))
        notices.spend(openid, template)
        show(openid, template, body)
        number = str(2_000_000_000_000_000_000 + secrets.randbits(50))
        wechat.job(lambda: events.notification_sent(template.id, number), openid)
        return ok(msgid=int(number))
