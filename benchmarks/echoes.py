"""The same echo on WeRoBot and on plain wechatpy with Flask, as their own documentation writes it. Nothing is stored."""

from flask import Flask, Response, abort, request
from wechatpy import create_reply, parse_message
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature
from werobot import WeRoBot
from werobot.contrib.flask import make_view

TOKEN = "benchmark-token"  # noqa: S105  of this benchmark alone
ANSWER = "这个菜单按钮我还不认识。"


def werobot_app() -> Flask:
    """WeRoBot's view in Flask, without sessions."""
    robot = WeRoBot(token=TOKEN, SESSION_STORAGE=False)
    robot.add_handler(lambda _message: ANSWER)
    app = Flask(__name__)
    app.add_url_rule("/wechat", "wechat", make_view(robot), methods=["GET", "POST"])
    return app


def wechatpy_app() -> Flask:
    """wechatpy's parser and reply in Flask."""
    app = Flask(__name__)

    @app.post("/wechat")
    def receive() -> Response:
        try:
            check_signature(TOKEN, *(request.args.get(name, "") for name in ("signature", "timestamp", "nonce")))
        except InvalidSignatureException:
            abort(403)
        reply = create_reply(ANSWER, message=parse_message(request.get_data()))
        return Response(reply.render(), mimetype="text/xml")

    return app
