"""What tests and the panel beside the phone use: failures, limits, the books, the desk; `/api/...`, JSON both ways."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.allowance import Limit
from sandbox.phone_api import answer_errors, body_of_request
from sandbox.reply import Reply
from sandbox.sent import BadInput, short
from sandbox.wechat import Wechat


def make_control_api(wechat: Wechat) -> Blueprint:
    """The blueprint."""
    api = Blueprint("control", __name__, url_prefix="/api")

    @api.get("/faults")
    def faults() -> Response:
        return jsonify(rules=wechat.faults.rules())

    @api.put("/faults")
    def set_faults() -> Response:
        """Have these rules: `{"rules": [...]}`, or the bare list."""
        body = request.get_json(silent=True)
        wechat.faults.replace(body.get("rules") if isinstance(body, dict) else body)
        return jsonify(rules=wechat.faults.rules())

    @api.delete("/faults")
    def clear_faults() -> Response:
        wechat.faults.clear()
        return jsonify(rules=[])

    @api.get("/limits")
    def limits() -> Response:
        """The limits of calls that were changed for a test."""
        return jsonify(limits={call: asdict(limit) for call, limit in wechat.allowance.changed().items()})

    @api.put("/limits")
    def set_limit() -> Response:
        """Another limit for one call: `{call, daily, minute}`; its count begins anew."""
        body = body_of_request()
        daily, minute = body.get("daily", 100_000), body.get("minute", 100_000)
        if not short(body, "call") or not isinstance(daily, int) or not isinstance(minute, int):
            raise BadInput("要有 call、daily、minute")
        path = short(body, "call").strip("/")
        group = path.split("/")[0]
        whole = f"/{path}" if group in ("cgi-bin", "customservice", "wxaapi") else f"/cgi-bin/{path}"
        wechat.allowance.set(whole, Limit(daily, minute))
        return limits()

    @api.delete("/limits")
    def reset_limits() -> Response:
        wechat.allowance.reset()
        return limits()

    @api.get("/totals")
    def totals() -> Response:
        return jsonify(wechat.ledger.totals())

    @api.get("/answers")
    def answers() -> Response:
        after = request.args.get("after", 0, type=int)
        return jsonify(wechat.ledger.answers(after, request.args.get("openid", "")))

    @api.get("/deliveries")
    def deliveries() -> Response:
        return jsonify(deliveries=wechat.courier.log())

    @api.get("/codes")
    def codes() -> Response:
        """The QR codes of the account that can still be scanned."""
        return jsonify(codes=[{"scene": each.scene, "ticket": each.ticket} for each in wechat.codes.all()])

    @api.get("/desk")
    def desk() -> Response:
        wechat.end_idle_sessions()
        return jsonify(wechat.desk.view())

    @api.put("/desk")
    def set_desk() -> Response:
        """`{enabled?, agents?: [{account, online}]}`."""
        body = body_of_request()
        if "agents" in body:
            wechat.desk.staff(body["agents"])
        if "enabled" in body:
            wechat.desk.enabled = body["enabled"] is True
        return desk()

    @api.post("/followers/<openid>/desk")
    def at_desk(openid: str) -> tuple[Response, int]:
        """What an agent does: `{content}` says something, `{close: true}` ends the session, `{accept: true}` takes on
        whoever queues.
        """
        body: dict[str, Any] = body_of_request()
        with wechat.phone.peek(openid):
            pass  # 404 for somebody unknown, before anything is done
        if body.get("accept") is True:
            if agent := wechat.desk.take(openid):
                wechat.session_begun(openid, agent)
        elif body.get("close") is True:
            wechat.session_ended(openid, wechat.desk.close(openid))
        elif content := str(body.get("content", ""))[:2000].strip():
            if not wechat.desk.hears(openid):
                raise BadInput("没有进行中的人工会话")
            wechat.account_says(openid, Reply("text", content), "desk")
        else:
            raise BadInput("要有 content、close 或 accept")
        return jsonify(ok=True), 202

    answer_errors(api)
    return api
