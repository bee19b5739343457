"""WeChat's outgoing API, as the account calls it: `/cgi-bin/...`, JSON in, and errors as HTTP 200 with an errcode.

Each file in `calls/` holds one group of calls and is found by itself: it defines `register(api)`. A call passes the
failures that were asked for, then its limits, then the token, then its own function.
"""

import importlib
import json
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox import calls
from sandbox.faults import Rule
from sandbox.phone import UnknownFollower
from sandbox.refusal import Refusal
from sandbox.wechat import Wechat

Answer = dict[str, Any]
Call = Callable[[dict[str, Any]], Answer | Response]

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,512}")


class Api:
    """Where the groups of calls enter their functions."""

    def __init__(self, wechat: Wechat) -> None:
        self.wechat = wechat
        self.blueprint = Blueprint("wechat", __name__)
        for group in ("cgi-bin", "customservice", "wxaapi"):
            self.blueprint.add_url_rule(f"/{group}/<path:path>", f"unknown-{group}", _unknown, methods=["GET", "POST"])

    def call(self, path: str, *methods: str, token: bool = True) -> Callable[[Call], Call]:
        """Enter a function of the request's JSON (POST) or query (GET, uploads) under `/cgi-bin/<path>`.

        A path that begins with a slash is a whole one. With `token` the call needs a valid access_token.
        """
        whole = path if path.startswith("/") else f"/cgi-bin/{path}"

        def enter(function: Call) -> Call:
            def answer() -> Response:
                try:
                    self.wechat.allowance.use(whole)
                    if token:
                        self._check_token(request.args.get("access_token", ""))
                    result = function(_arguments())
                except UnknownFollower:
                    return _refused(Refusal(40003, "invalid openid"))
                except Refusal as refusal:
                    return _refused(refusal)
                return result if isinstance(result, Response) else jsonify(result)

            def view() -> Response:
                rule = self.wechat.faults.strike(whole)
                return answer() if rule is None else self._failing(rule, answer)

            self.blueprint.add_url_rule(whole, whole, view, methods=methods or ("POST",))
            return function

        return enter

    def _failing(self, rule: Rule, answer: Callable[[], Response]) -> Response:
        """What a call gives while a rule strikes it."""
        match rule.kind:
            case "slow":
                time.sleep(rule.seconds)
                return answer()
            case "expire_token":
                self.wechat.tokens.expire_all()
                return answer()
        if rule.after:
            answer()  # done as asked, but the caller will not hear of it
        match rule.kind:
            case "errcode":
                return _refused(Refusal(rule.errcode, "made to fail by the sandbox"))
            case "http500":
                return Response("Internal Server Error", 500, content_type="text/plain")
        return Response(_dropped(rule.seconds))  # timeout, reset

    def _check_token(self, token: str) -> None:
        if not token:
            raise Refusal(41001, "access_token missing")
        if not TOKEN.fullmatch(token):
            raise Refusal(40014, "invalid access_token")
        match self.wechat.tokens.expired(token):
            case None:
                raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
            case True:
                raise Refusal(42001, "access_token expired")


def make_api(wechat: Wechat) -> Blueprint:
    """The blueprint with every group of calls."""
    api = Api(wechat)
    for module in pkgutil.iter_modules(calls.__path__, f"{calls.__name__}."):
        importlib.import_module(module.name).register(api)
    return api.blueprint


def ok(**fields: Any) -> Answer:
    """An answer that says all is well."""
    return {"errcode": 0, "errmsg": "ok"} | fields


def items(body: Answer, all_items: list[Answer]) -> Answer:
    """One page of a list, as asked for by `offset` and `count` (1 to 20).

    Raises:
        Refusal: 40035 not such numbers.
    """
    offset, count = body.get("offset", 0), body.get("count", 20)
    if not isinstance(offset, int) or not isinstance(count, int) or offset < 0 or not 1 <= count <= 20:
        raise Refusal(40035, "invalid parameter")
    page = all_items[offset : offset + count]
    return {"total_count": len(all_items), "item_count": len(page), "item": page}


def _arguments() -> dict[str, Any]:
    if request.method == "GET" or request.mimetype == "multipart/form-data":
        return request.args.to_dict()
    try:
        body = request.get_json(force=True)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (HTTPException, UnicodeEncodeError) as error:
        raise Refusal(47001, "data format error") from error
    if not isinstance(body, dict):
        raise Refusal(47001, "data format error")
    return body


def _dropped(seconds: float) -> Iterator[bytes]:
    """A body that never comes: the server drops the connection without a word."""
    time.sleep(seconds)
    raise ConnectionResetError
    yield b""


def _refused(refusal: Refusal) -> Response:
    return jsonify({"errcode": refusal.code, "errmsg": str(refusal)} | refusal.fields)


def _unknown(path: str) -> Response:
    return _refused(Refusal(40066, f"invalid url: the sandbox has no call {path}"))
