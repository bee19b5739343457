"""The action server: rasa_sdk's own, bound where ACTIONS_URL says, in one process. `python -m bot.actions.server`."""

import asyncio
import warnings
from typing import Any
from urllib.parse import urlsplit

from rasa_sdk.endpoint import create_app as create_sdk_app
from rasa_sdk.executor import ActionExecutor
from sanic import HTTPResponse, Request, Sanic, json

from core.logging import configure, get_logger
from core.settings import get_settings
from knowledge import service

STOP_WITHIN = 3.0  # seconds for running actions at a shutdown

App = Sanic[Any, Any]

log = get_logger()


def create_app() -> App:
    """The server's application with every action of this package, `POST /webhook` for Rasa and `GET /ready`."""
    # Measured end to end: this rasa_sdk serves Rasa 3.6; their version numbers do not go together, as it would warn.
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk")
    executor = ActionExecutor()
    executor.register_package("bot.actions")
    app: App = create_sdk_app(executor, cors_origins=[])
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = STOP_WITHIN
    app.add_route(_ready, "/ready", methods=["GET"])
    return app


async def _ready(_request: Request) -> HTTPResponse:
    """200 once the knowledge base answers a known question, which also loads it; else 503 and why."""
    try:
        await asyncio.to_thread(service.ready)
    except Exception as error:  # noqa: BLE001  a check tells what is wrong, whatever it is
        return json({"ok": False, "detail": f"{type(error).__name__}: {error}".splitlines()[0]}, status=503)
    return json({"ok": True})


def main() -> None:
    """Serve until stopped."""
    configure("actions")
    address = urlsplit(get_settings().actions_url)
    app = create_app()
    log.info("action server starts", port=address.port)
    # rasa_sdk's own start would bind every interface of the machine.
    app.run(host="127.0.0.1", port=address.port or 5055, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
