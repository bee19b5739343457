"""WeChat's outgoing API, as the gateway calls it: `/cgi-bin/...`, JSON in, and errors as HTTP 200 with an errcode.

Each file in `calls/` holds one group of calls and is found by itself: it defines `register(api)`.
"""

import functools
import importlib
import json
import pkgutil
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox import calls
from sandbox.phone import UnknownFollower
from sandbox.wechat import Wechat

Answer = dict[str, Any]
Call = Callable[[dict[str, Any]], Answer]


class Refusal(Exception):
    """An answer with an errcode; codes and words as in the platform's list of return codes."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Api:
    """Where the groups of calls enter their functions."""

    def __init__(self, wechat: Wechat) -> None:
        self.wechat = wechat
        self.blueprint = Blueprint("cgi-bin", __name__, url_prefix="/cgi-bin")
        self.blueprint.register_error_handler(Refusal, _refused)
        self.blueprint.register_error_handler(UnknownFollower, _unknown_follower)
        self.blueprint.add_url_rule("/<path:path>", "unknown", _unknown, methods=["GET", "POST"])

    def call(self, path: str, *methods: str, token: bool = True) -> Callable[[Call], Call]:
        """Enter a function of the request's JSON (POST) or query (GET) under `/cgi-bin/<path>`.

        With `token` the call needs a valid access_token.
        """

        def enter(function: Call) -> Call:
            @functools.wraps(function)
            def view() -> Response:
                if token:
                    self._check_token(request.args.get("access_token", ""))
                arguments = _json() if request.method == "POST" else request.args.to_dict()
                return jsonify(function(arguments))

            self.blueprint.add_url_rule(f"/{path}", path, view, methods=methods or ("POST",))
            return function

        return enter

    def _check_token(self, token: str) -> None:
        if not token:
            raise Refusal(41001, "access_token missing")
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


def _json() -> dict[str, Any]:
    try:
        body = request.get_json(force=True)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (HTTPException, UnicodeEncodeError) as error:
        raise Refusal(47001, "data format error") from error
    if not isinstance(body, dict):
        raise Refusal(47001, "data format error")
    return body


def _refused(refusal: Refusal) -> Response:
    return _answer(refusal.code, str(refusal))


def _unknown_follower(_error: UnknownFollower) -> Response:
    return _answer(40003, "invalid openid")


def _unknown(path: str) -> Response:
    return _answer(40066, f"invalid url: the sandbox has no /cgi-bin/{path}")


def _answer(code: int, message: str) -> Response:
    return jsonify({"errcode": code, "errmsg": message})
