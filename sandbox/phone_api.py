"""What a phone can do: `/api/account`, `/api/followers/...`, `/api/media`; JSON both ways.

An error is `{"error": "..."}` with a 4xx status.
"""

import contextlib
import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from core.settings import get_district
from sandbox import events
from sandbox.media import MAX_FILE
from sandbox.notices import ONE_TIME
from sandbox.phone import TooMany, UnknownFollower
from sandbox.quota import Trigger
from sandbox.refusal import Refusal
from sandbox.sent import BadInput, Sender, short
from sandbox.wechat import NotFollowing, Wechat

LONGEST_WAIT = 25.0  # seconds
OPENS = {"CLICK": Trigger.MENU, "scancode_push": Trigger.MENU, "scancode_waitmsg": Trigger.MENU}
"""Menu events that let the account write. VIEW and the others open no window."""


def make_phone_api(wechat: Wechat) -> Blueprint:
    """The blueprint."""
    api = Blueprint("phone", __name__, url_prefix="/api")
    phone = wechat.phone
    sender = Sender(wechat.media, wechat.settings.sandbox_address)

    @api.get("/account")
    def account() -> Response:
        district = get_district()
        return jsonify(
            name=district.assistant_name,
            service=district.service_name,
            connected=not wechat.trouble,
            trouble=wechat.trouble,
            menu=wechat.menu.published or [],
            push_format=wechat.options.push_format,
            mode=wechat.settings.wechat_mode,
        )

    @api.get("/followers")
    def followers() -> Response:
        """Everybody; with `recent` or `q` only the latest few (that fit), for a list that stays short."""
        if "recent" in request.args or "q" in request.args:
            return jsonify(phone.recent(request.args.get("q", "")[:50]))
        return jsonify(followers=phone.followers())

    @api.post("/followers")
    def join() -> tuple[Response, int]:
        openid = wechat.join(short(body_of_request(), "name"))
        with phone.peek(openid) as follower:
            return jsonify(openid=openid, name=follower.name), 201

    @api.post("/followers/<openid>/follow")
    def follow(openid: str) -> Response:
        wechat.follow(openid, short(body_of_request(), "scene"))
        return jsonify(ok=True)

    @api.post("/followers/<openid>/unfollow")
    def unfollow(openid: str) -> Response:
        wechat.unfollow(openid)
        return jsonify(ok=True)

    @api.get("/followers/<openid>/messages")
    def messages(openid: str) -> Response:
        after = request.args.get("after", 0, type=int)
        wait = request.args.get("wait", 0.0, type=float)
        news = phone.news(openid, after, max(0.0, min(wait, LONGEST_WAIT)))
        session = wechat.desk.session(openid)
        return jsonify(news | {"desk": session.agent if session else ""})

    @api.post("/followers/<openid>/messages")
    def say(openid: str) -> tuple[Response, int]:
        body = body_of_request()
        if body.get("type") == "scan":
            wechat.scan(openid, short(body, "scene"))
            return jsonify(ok=True), 202
        sent = sender.make(body)
        # A tapped msgmenu choice counts as a menu click, not as a message.
        trigger = Trigger.MENU if "bizmsgmenuid" in sent.fields else Trigger.MESSAGE
        return jsonify(wechat.say(openid, sent.fields, sent.shown, trigger, sent.details).view()), 202

    @api.post("/followers/<openid>/menu")
    def menu(openid: str) -> tuple[Response, int]:
        key = str(body_of_request().get("key", ""))[:1024]
        name = "VIEW" if key.startswith(("http://", "https://")) else "CLICK"
        wechat.act(openid, events.build(name, key), OPENS.get(name))
        return jsonify(ok=True), 202

    @api.post("/followers/<openid>/events")
    def event(openid: str) -> tuple[Response, int]:
        """Any event, with any fields: `{event, key?, ...}`. Following, leaving and scanning do what they say."""
        body = body_of_request()
        name, key = str(body.pop("event", "")), str(body.pop("key", ""))[:1024]
        if not name or len(name) > 64:
            raise BadInput("要有 event")
        if name == "subscribe":
            wechat.follow(openid, key.removeprefix("qrscene_"))
        elif name == "unsubscribe":
            wechat.unfollow(openid)
        elif name == "SCAN" and not body:
            wechat.scan(openid, key)
        else:
            wechat.act(openid, events.build(name, key, body), OPENS.get(name))
        return jsonify(ok=True), 202

    @api.post("/followers/<openid>/consents")
    def consent(openid: str) -> tuple[Response, int]:
        """Answer whether notifications of a template may come: `{template_id, accept}`."""
        body = body_of_request()
        template_id, accept = short(body, "template_id"), body.get("accept") is not False
        wechat.notices.consent(openid, template_id, accept)
        wechat.act(openid, events.consent([template_id], accept), None)
        return jsonify(ok=True), 202

    @api.delete("/followers/<openid>/consents/<template_id>")
    def withdraw(openid: str, template_id: str) -> tuple[Response, int]:
        wechat.notices.withdraw(openid, template_id)
        wechat.act(openid, events.consent_withdrawn([template_id]), None)
        return jsonify(ok=True), 202

    @api.get("/templates")
    def templates() -> Response:
        """The subscription templates a follower can be asked about."""
        rows = [
            {"id": each.id, "title": each.title, "one_time": each.type == ONE_TIME} for each in wechat.notices.all(True)
        ]
        return jsonify(templates=rows)

    @api.post("/media")
    def upload() -> tuple[Response, int]:
        """A file of a follower's (multipart field `media`, `?type=`), to be sent by its media id."""
        request.max_content_length = MAX_FILE + 2**16
        given = request.files.get("media")
        if given is None:
            raise BadInput("要有文件")
        with contextlib.closing(given):
            medium = wechat.media.add(request.args.get("type", "image"), given.read(), given.filename or "")
        return jsonify(media_id=medium.id, url=f"/media/{medium.id}", size=medium.size), 201

    answer_errors(api)
    return api


def body_of_request() -> dict[str, Any]:
    """The request's JSON object; empty without a body.

    Raises:
        BadInput: it is something else.
    """
    body = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise BadInput("请求内容要是 JSON 对象")
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:  # half a surrogate pair
        raise BadInput("请求里有无法识别的字符") from error
    return body


def answer_errors(api: Blueprint) -> None:
    """Have the expected errors answered as 4xx with a line in Chinese."""

    @api.errorhandler(BadInput)
    @api.errorhandler(ValueError)
    def bad_input(error: BadInput | ValueError) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    @api.errorhandler(Refusal)
    def refused(error: Refusal) -> tuple[Response, int]:
        return jsonify(error=f"微信不接受：{error.code} {error}", errcode=error.code), 400

    @api.errorhandler(UnknownFollower)
    def unknown(_error: UnknownFollower) -> tuple[Response, int]:
        return jsonify(error="没有这个关注者"), 404

    @api.errorhandler(NotFollowing)
    def not_following(_error: NotFollowing) -> tuple[Response, int]:
        return jsonify(error="还没有关注公众号"), 409

    @api.errorhandler(TooMany)
    def too_many(_error: TooMany) -> tuple[Response, int]:
        return jsonify(error="关注者太多了"), 409
