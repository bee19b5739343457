"""Does it work? One check for each part, each trying the part as its users do; for /readyz, `tongqi doctor` and `run`."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import httpx
from redis import Redis

from bot.client import RasaUnavailable, parse
from core import probe
from core.settings import get_settings
from core.tasks import celery
from wechat_gateway.client import get_client

KNOWN_SENTENCE, KNOWN_INTENT = "创业担保贷款最多能贷多少钱", "loan_info"
LIMIT = 3.0  # seconds for one part


@dataclass(frozen=True)
class Check:
    """Whether a part works; if not, what is wrong and how to mend it."""

    ok: bool
    detail: str = ""
    mend: str = ""


def database() -> Check:
    """The database takes a write."""
    probe.write()
    return Check(True, "writes")


def redis() -> Check:
    """Redis answers."""
    Redis.from_url(get_settings().redis_address, socket_timeout=2, socket_connect_timeout=2).ping()
    return Check(True, "answers")


def rasa() -> Check:
    """Every Rasa server understands a known sentence."""
    urls = get_settings().rasa_urls
    with ThreadPoolExecutor(len(urls)) as pool:
        checks = list(pool.map(_rasa_server, urls))
    return next((check for check in checks if not check.ok), checks[0])


def _rasa_server(url: str) -> Check:
    """A known sentence is understood; a Rasa server without a model answers too, but not that."""
    try:
        parsed = parse(KNOWN_SENTENCE, url=url)
    except RasaUnavailable as error:
        return Check(False, f"{url}: {error}")
    if parsed.intent != KNOWN_INTENT:
        return Check(False, f"{url} understands {KNOWN_INTENT} as {parsed.intent}")
    return Check(True, f"{parsed.intent} {parsed.confidence:.2f}")


def actions() -> Check:
    """The action server is up and its index finds a known policy."""
    response = httpx.get(f"{get_settings().actions_url}/ready", timeout=LIMIT)
    detail = str(response.json().get("detail", ""))
    return Check(response.status_code == 200, detail or "index answers")


def worker() -> Check:
    """A Celery worker answers."""
    names = [name for reply in celery.control.ping(timeout=1.0) or [] for name in reply]
    return Check(bool(names), f"{len(names)} worker(s)" if names else "no worker answers")


def gateway() -> Check:
    """The webhook's process is up."""
    httpx.get(f"http://{get_settings().gateway_bind}/healthz", timeout=LIMIT).raise_for_status()
    return Check(True, "answers")


def sandbox() -> Check:
    """The WeChat stand-in is up."""
    httpx.get(f"{get_settings().sandbox_address}/healthz", timeout=LIMIT).raise_for_status()
    return Check(True, "answers")


def wechat() -> Check:
    """WeChat accepts our credentials."""
    get_client().check()
    return Check(True, "credentials accepted")


CHECKS: dict[str, Callable[[], Check]] = {
    "database": database,
    "redis": redis,
    "actions": actions,
    "rasa": rasa,
    "worker": worker,
    "gateway": gateway,
    "sandbox": sandbox,
    "wechat": wechat,
}
READINESS = ("database", "redis", "actions", "rasa", "worker")
MEND = {
    "database": "run `tongqi db upgrade`; is DATABASE_URL right and the server up?",
    "redis": "start `tongqi run`, or set REDIS_URL to a server that is up",
    "actions": "see var/log/actions.log; rebuild with `tongqi knowledge index`",
    "rasa": "see var/log/rasa.log; train with `tongqi nlu train`",
    "worker": "see var/log/worker.log; start `tongqi run`",
    "gateway": "see var/log/gateway.log; start `tongqi run`",
    "sandbox": "see var/log/sandbox.log; start `tongqi run --sandbox`",
    "wechat": "check WECHAT_APP_ID, WECHAT_APP_SECRET and the IP allow-list of the account",
}


def run(names: tuple[str, ...]) -> dict[str, Check]:
    """The named checks, side by side; a check that fails in any way says so."""
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(lambda name: _try(name, CHECKS[name]), names), strict=True))


def of_process(name: str) -> Check:
    """Whether one process of `tongqi run` does its part; of several Rasa servers (`rasa-2`) that one alone."""
    part, _, number = name.partition("-")
    if part == "rasa":
        return _try(part, partial(_rasa_server, get_settings().rasa_urls[int(number or 1) - 1]))
    return _try(part, CHECKS[part])


def _try(name: str, check_it: Callable[[], Check]) -> Check:
    started = time.monotonic()
    try:
        check = check_it()
    except Exception as error:  # noqa: BLE001  a check tells what is wrong, whatever it is
        check = Check(False, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200])
    seconds = time.monotonic() - started
    return check if check.ok else Check(False, f"{check.detail} ({seconds:.1f} s)", MEND[name])
