"""The Flask application: the APIs, the page, the media, and what guards them.

It listens on the loopback interface and has no login, so the guards keep other sites in the developer's browser out.
"""

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, render_template, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from core.settings import get_district
from sandbox import codes
from sandbox.control_api import make_control_api
from sandbox.phone_api import make_phone_api
from sandbox.refusal import Refusal
from sandbox.wechat import Wechat
from sandbox.wechat_api import make_api

MAX_BODY = 2 * 2**20  # bytes; uploads have a limit of their own

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
    for blueprint in (make_api(wechat), make_phone_api(wechat), make_control_api(wechat)):
        app.register_blueprint(blueprint)
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
        hints = [hint.strip() for hint in wechat.options.hints.split("|") if hint.strip()]
        return render_template("phone.html", district=get_district(), hints=hints)

    @app.get("/media/<media_id>")
    def media(media_id: str) -> Response:
        """What a chat shows, and what PicUrl leads to."""
        medium = wechat.media.seen(media_id)
        if medium is None:
            abort(404)
        try:
            content = wechat.media.read(medium)
        except Refusal:
            abort(404)
        answer = Response(content, content_type=medium.content_type)
        if not medium.format:
            answer.headers["Content-Disposition"] = "attachment"
        return answer

    @app.get("/cgi-bin/showqrcode")
    def show_code() -> Response:
        """The picture of a QR code; on the platform this stands on mp.weixin.qq.com and needs no token either."""
        code = wechat.codes.find(request.args.get("ticket", ""))
        return Response(codes.picture(code), content_type="image/svg+xml") if code else abort(404)

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
