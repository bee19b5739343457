"""The gateway's Flask application."""

from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

# By their side effects: a follower who leaves is forgotten there too, and an answer that has waited is judged there.
import knowledge.records.retention
import knowledge.validity  # noqa: F401
from app import health
from conversations import passive
from core import logging
from core.db import transaction
from core.logging import get_logger
from core.security import same
from core.settings import get_settings
from wechat_gateway.webhook import webhook


def create_app() -> Flask:
    """The application that gunicorn serves."""
    logging.configure("gateway")
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(webhook)
    _settle()

    @app.get("/healthz")
    def healthz() -> Response:
        """Alive."""
        return Response("ok", mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Whether every part works, each with what is wrong."""
        checks = health.run(health.READINESS)
        ready = all(check.ok for check in checks.values())
        parts = {name: {"ok": check.ok, "detail": check.detail} for name, check in checks.items()}
        return jsonify(ready=ready, parts=parts), 200 if ready else 503

    @app.get("/metrics")
    def metrics() -> Response:
        """Counters of all gateway processes for Prometheus: from this machine, or with the token."""
        token = get_settings().metrics_token.get_secret_value()
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        local = request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
        if not local and not (token and same(given, token)):
            return Response(status=403)
        return Response(generate_latest(_counters()), mimetype=CONTENT_TYPE_LATEST)

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Response:
        """No page of the framework's own: it would tell what we run."""
        return Response(status=error.code)

    return app


def _settle() -> None:
    """Tidy up after a gateway that died; without a database there is nothing to tidy, and messages are spooled."""
    try:
        with transaction() as session:
            passive.settle(session)
    except SQLAlchemyError as error:
        get_logger().warning("passive replies not settled", error=type(error).__name__)


def _counters() -> CollectorRegistry:
    """Those of every process of the gateway, dead ones included; elsewhere (in tests) of this process."""
    folder = get_settings().prometheus_multiproc_dir
    if folder is None:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
    return registry
