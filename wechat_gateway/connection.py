"""What the kernel knows of the connection a request came on: how long it has waited, and whether WeChat has hung up.

While a gateway restarts, requests wait in the backlog of its socket (see app/supervisor.py), and their five seconds run.
An answer to a connection that WeChat has closed seems to be sent, and nobody reads it.
"""

import socket
import struct
from collections.abc import Mapping
from typing import Any

# Linux's struct tcp_info. Asking for it, unlike polling, does not make a thread of a busy gateway queue for its turn again.
_STATE, _LAST_DATA_RECEIVED, _SIZE = (
    0,
    52,
    56,
)  # offsets: state of the connection; milliseconds since the last byte came
_ESTABLISHED = 1


def waited(environ: Mapping[str, Any]) -> float:
    """Seconds since the request came to this machine; 0.0 where the server or the system does not tell."""
    info = _info(environ)
    milliseconds: int = struct.unpack_from("I", info, _LAST_DATA_RECEIVED)[0] if info else 0
    return milliseconds / 1000


def hung_up(environ: Mapping[str, Any]) -> bool:
    """Whether the other side has closed the connection, so that nobody would read an answer."""
    info = _info(environ)
    return bool(info) and info[_STATE] != _ESTABLISHED


def _info(environ: Mapping[str, Any]) -> bytes:
    connection: socket.socket | None = environ.get("gunicorn.socket")
    if connection is None or not hasattr(socket, "TCP_INFO"):
        return b""
    try:
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
    except OSError:  # no TCP (a Unix socket), or closed already
        return b""
