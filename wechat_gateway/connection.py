"""What the kernel knows of the connection a request came on: how long it has waited, and whether WeChat has hung up.

While a gateway restarts, requests wait in the backlog of its socket (see app/supervisor.py), and their five seconds run.
An answer to a connection that WeChat has closed seems to be sent, and nobody reads it.
"""

import select
import socket
import struct
from collections.abc import Mapping
from typing import Any

_LAST_DATA_RECEIVED = 52  # offset in Linux's struct tcp_info: milliseconds since the last byte came


def waited(environ: Mapping[str, Any]) -> float:
    """Seconds since the request came to this machine; 0.0 where the server or the system does not tell."""
    connection = environ.get("gunicorn.socket")
    if connection is None or not hasattr(socket, "TCP_INFO"):
        return 0.0
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA_RECEIVED + 4)
    milliseconds: int = struct.unpack_from("I", info, _LAST_DATA_RECEIVED)[0]
    return milliseconds / 1000


def hung_up(environ: Mapping[str, Any]) -> bool:
    """Whether the other side has closed the connection, so that nobody would read an answer."""
    connection = environ.get("gunicorn.socket")
    if connection is None or not hasattr(select, "POLLRDHUP"):
        return False
    poller = select.poll()
    poller.register(connection, select.POLLRDHUP)
    return bool(poller.poll(0))
