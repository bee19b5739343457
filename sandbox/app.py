"""The Flask application: the two APIs, the page, and what guards them.

It listens on the loopback interface and has no login, so the guards keep other sites in the developer's browser out.
"""

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, render_template, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from core.settings import get_district
from sandbox.phone_api import make_phone_api
from sandbox.wechat import Wechat
from sandbox.wechat_api import make_api

MAX_BODY = 128 * 1024  # bytes

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def create_app(wechat: Wechat) -> Flask:
    """The application for this WeChat."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json = json = DefaultJSONProvider(app)
    json.ensure_ascii, json.sort_keys = False, False
    app.register_blueprint(make_api(wechat))
    app.register_blueprint(make_phone_api(wechat))
    app.register_error_handler(HTTPException, _http_error)

    @app.before_request
    def keep_strangers_out() -> None:
        """Refuse a name that was pointed at this machine (DNS rebinding) and a POST from another site's page."""
        own = wechat.settings.sandbox_bind.rpartition(":")[0]
        if not _trusted(request.host, own):
            abort(403, "unexpected Host")
        origin = request.headers.get("Origin")
        if request.method != "GET" and origin is not None and urlsplit(origin).netloc != request.host:
            abort(403, "another site")

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @app.get("/")
    def page() -> str:
        return render_template("phone.html", district=get_district())

    @app.get("/healthz")
    def health() -> Response:
        return jsonify(ok=True)

    return app


def _trusted(host: str, own: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name in ("localhost", own):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _http_error(error: HTTPException) -> tuple[Response, int]:
    return jsonify(error=error.description), error.code or 500
