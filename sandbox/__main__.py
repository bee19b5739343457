"""`python -m sandbox`: serve on the address in SANDBOX_BIND until SIGTERM or Ctrl-C."""

import signal
import sys

from werkzeug.serving import WSGIRequestHandler, make_server

from core import logging
from core.settings import get_settings
from sandbox.app import create_app
from sandbox.snapshot import Snapshot
from sandbox.wechat import Wechat

BACKLOG = 1024  # connections that may wait for a thread while a load test begins


class QuietHandler(WSGIRequestHandler):
    """Logs no requests: a page that polls would bury what matters, and deliveries have their own log."""

    def log_request(self, *_code_and_size: object) -> None:
        """Say nothing."""


def main() -> None:
    """Take up the chats of the last run, wait for the gateway, serve."""
    logging.configure("sandbox")
    settings = get_settings()
    wechat = Wechat(settings)
    snapshot = Snapshot(wechat, settings.tongqi_var / "sandbox.json")
    snapshot.load()
    host, _, port = settings.sandbox_bind.rpartition(":")
    # One process, because the state is in its memory; a thread for each request, because long polls stay open.
    server = make_server(host, int(port), create_app(wechat), threaded=True, request_handler=QuietHandler)
    server.socket.listen(BACKLOG)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit())
    wechat.connect()
    snapshot.start()
    try:
        server.serve_forever()
    finally:
        snapshot.save()


if __name__ == "__main__":
    main()
