"""What the page and the tests call: `/api/...`, JSON both ways; an error is `{"error": "..."}` with a 4xx status."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from core.settings import get_district
from sandbox import push
from sandbox.phone import TooMany, UnknownFollower
from sandbox.push import Fields
from sandbox.quota import Trigger
from sandbox.wechat import NotFollowing, Wechat

MAX_TEXT = 4000  # characters; WeChat's own box takes fewer, but the gateway must stand long ones
MAX_SHORT = 200  # characters of a name, label or title
LONGEST_WAIT = 25.0  # seconds


class BadInput(Exception):
    """The request is not usable; the message says why, in Chinese."""


def make_phone_api(wechat: Wechat) -> Blueprint:
    """The blueprint."""
    api = Blueprint("phone", __name__, url_prefix="/api")
    phone = wechat.phone

    @api.get("/account")
    def account() -> Response:
        district = get_district()
        return jsonify(
            name=district.assistant_name,
            service=district.service_name,
            connected=not wechat.trouble,
            trouble=wechat.trouble,
            menu=wechat.menu.shown,
        )

    @api.get("/followers")
    def followers() -> Response:
        return jsonify(followers=phone.followers())

    @api.post("/followers")
    def join() -> tuple[Response, int]:
        name = _short(_body(), "name") or f"用户{len(phone.followers()) + 1}"
        return jsonify(openid=wechat.join(name), name=name), 201

    @api.post("/followers/<openid>/follow")
    def follow(openid: str) -> Response:
        wechat.follow(openid, _short(_body(), "scene"))
        return jsonify(ok=True)

    @api.post("/followers/<openid>/unfollow")
    def unfollow(openid: str) -> Response:
        wechat.unfollow(openid)
        return jsonify(ok=True)

    @api.get("/followers/<openid>/messages")
    def messages(openid: str) -> Response:
        after = request.args.get("after", 0, type=int)
        wait = request.args.get("wait", 0.0, type=float)
        return jsonify(phone.news(openid, after, max(0.0, min(wait, LONGEST_WAIT))))

    @api.post("/followers/<openid>/messages")
    def say(openid: str) -> tuple[Response, int]:
        body = _body()
        kind = str(body.get("type", "text"))
        if kind == "scan":
            wechat.act(openid, push.event("SCAN", _short(body, "scene")), Trigger.SCAN)
            return jsonify(ok=True), 202
        if kind not in _BUILDERS:
            raise BadInput("不认识的消息类型")
        fields, shown = _BUILDERS[kind](body)
        # A tapped msgmenu choice counts as a menu click, not as a message.
        trigger = Trigger.MENU if "bizmsgmenuid" in fields else Trigger.MESSAGE
        return jsonify(wechat.say(openid, fields, shown, trigger).view()), 202

    @api.post("/followers/<openid>/menu")
    def menu(openid: str) -> tuple[Response, int]:
        key = str(_body().get("key", ""))[:1024]
        if key.startswith(("http://", "https://")):  # a button of type view opens a page and opens no window
            wechat.act(openid, push.event("VIEW", key), None)
        else:
            wechat.act(openid, push.event("CLICK", key), Trigger.MENU)
        return jsonify(ok=True), 202

    @api.get("/deliveries")
    def deliveries() -> Response:
        return jsonify(deliveries=wechat.courier.log())

    @api.errorhandler(BadInput)
    def bad_input(error: BadInput) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    @api.errorhandler(UnknownFollower)
    def unknown(_error: UnknownFollower) -> tuple[Response, int]:
        return jsonify(error="没有这个关注者"), 404

    @api.errorhandler(NotFollowing)
    def not_following(_error: NotFollowing) -> tuple[Response, int]:
        return jsonify(error="还没有关注公众号"), 409

    @api.errorhandler(TooMany)
    def too_many(_error: TooMany) -> tuple[Response, int]:
        return jsonify(error="关注者太多了"), 409

    return api


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise BadInput("请求内容要是 JSON 对象")
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:  # half a surrogate pair
        raise BadInput("请求里有无法识别的字符") from error
    return body


def _short(body: dict[str, Any], name: str, default: str = "") -> str:
    value = str(body.get(name) or default).strip()
    if len(value) > MAX_SHORT:
        raise BadInput(f"{name} 太长了")
    return value


def _text(body: dict[str, Any]) -> tuple[Fields, str]:
    content = body.get("content")
    if not isinstance(content, str) or not content.strip():
        raise BadInput("消息是空的")
    if len(content) > MAX_TEXT:
        raise BadInput(f"消息太长了,最多 {MAX_TEXT} 个字")
    return push.text(content, _short(body, "menu_id")), content


def _image(body: dict[str, Any]) -> tuple[Fields, str]:
    return push.image(_short(body, "url", "http://mmbiz.qpic.cn/sandbox.jpg")), "[图片]"


def _voice(body: dict[str, Any]) -> tuple[Fields, str]:
    recognition = _short(body, "recognition")
    return push.voice(recognition), f"[语音] {recognition}".strip()


def _location(body: dict[str, Any]) -> tuple[Fields, str]:
    label = _short(body, "label", "北京市通州区运河东大街")
    try:
        latitude, longitude = float(body.get("latitude", 39.9049)), float(body.get("longitude", 116.6573))
    except (TypeError, ValueError) as error:
        raise BadInput("经纬度要是数字") from error
    return push.location(latitude, longitude, label), f"[位置] {label}"


def _link(body: dict[str, Any]) -> tuple[Fields, str]:
    title = _short(body, "title")
    return push.link(title, _short(body, "description"), _short(body, "url")), f"[链接] {title}".strip()


_BUILDERS: dict[str, Callable[[dict[str, Any]], tuple[Fields, str]]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "location": _location,
    "link": _link,
}
