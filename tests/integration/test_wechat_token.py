"""One token for all: on a real Redis, with processes and threads that race."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis

from core import clock, settings
from core.settings import ROOT
from tests.wechat_stub import WechatStub, client_of
from wechat_gateway.errors import TokenInvalid
from wechat_gateway.token import FORCE_PAUSE, FORCES_A_DAY, MARGIN, SharedToken

KEY = "wechat:access-token:wx"
FORCED = f"{KEY}:forced"


class Platform:
    """Gives tokens, slowly; `stable` ones until a new one is forced."""

    def __init__(self, *, stable: bool = True, seconds: float = 0.0) -> None:
        self.stable, self.seconds = stable, seconds
        self.fetches: list[bool] = []
        self.number = 1

    def __call__(self, force: bool) -> tuple[str, int]:
        self.fetches.append(force)
        time.sleep(self.seconds)
        if force or not self.stable:
            self.number += 1
        return f"token-{self.number}", 7200


def race(*functions: Callable[[], object]) -> None:
    start = threading.Barrier(len(functions))

    def run(function: Callable[[], object]) -> None:
        start.wait()
        function()

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def test_threads_that_race_fetch_once(redis: Redis) -> None:
    platform = Platform(seconds=0.2)
    got: list[str] = []
    tokens = [SharedToken("wx", redis, platform) for _ in range(2)]
    race(*(lambda token=token: got.append(token.get()) for token in tokens * 5))  # type: ignore[misc]
    assert platform.fetches == [False]
    assert got == ["token-1"] * 10


RACER = """
import sys, time
from redis import Redis
from wechat_gateway.token import SharedToken
redis = Redis.from_url(sys.argv[1])
def fetch(force):
    redis.incr("fetches")
    time.sleep(0.5)
    return "token-of-one", 7200
token = SharedToken("wx", redis, fetch)
redis.incr("ready")
while int(redis.get("ready")) < 2:
    time.sleep(0.01)
print(token.get())
"""


def test_processes_that_race_fetch_once(redis: Redis, redis_server: str) -> None:
    command = [sys.executable, "-c", RACER, redis_server]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    shown = [process.communicate(timeout=30)[0].splitlines()[-1] for process in processes]
    assert shown == ["token-of-one"] * 2
    assert redis.get("fetches") == b"1"


def test_all_see_the_same_end(redis: Redis, configure: Callable[..., settings.Settings]) -> None:
    configure(TONGQI_ALLOW_CLOCK="1")
    platform = Platform(stable=False)
    one, other = SharedToken("wx", redis, platform), SharedToken("wx", redis, platform)
    assert one.get() == other.get() == "token-2"
    assert 7200 - MARGIN - 5 <= redis.ttl(KEY) <= 7200 - MARGIN
    clock.set_clock(clock.now() + timedelta(seconds=7200 - MARGIN + 1))
    assert other.get() == one.get() == "token-3"
    assert len(platform.fetches) == 2


def test_a_long_token_is_kept_whole(redis: Redis) -> None:
    long = "x" * 2048
    SharedToken("wx", redis, lambda _force: (long, 7200)).get()
    assert SharedToken("wx", redis, Platform()).get() == long


def test_those_who_find_a_token_refused_renew_it_once(redis: Redis) -> None:
    platform = Platform(stable=False, seconds=0.1)
    tokens = [SharedToken("wx", redis, platform) for _ in range(4)]
    failed = tokens[0].get()
    renewed: list[str] = []
    race(*(lambda token=token: renewed.append(token.renew(failed)) for token in tokens))  # type: ignore[misc]
    assert renewed == ["token-3"] * 4
    assert len(platform.fetches) == 2


def test_the_same_token_again_is_forced_to_change_but_not_too_often(redis: Redis) -> None:
    platform = Platform()
    token = SharedToken("wx", redis, platform)
    assert token.renew(token.get()) == "token-2"
    assert platform.fetches == [False, False, True]
    assert token.renew("token-2") == "token-2"  # at once: not yet again
    assert platform.fetches[3:] == [False]
    assert 0 < redis.ttl(FORCED) <= FORCE_PAUSE
    redis.delete(FORCED)
    assert token.renew("token-2") == "token-3"


def test_forcing_has_a_limit_a_day(redis: Redis) -> None:
    platform = Platform()
    token = SharedToken("wx", redis, platform)
    for _ in range(FORCES_A_DAY + 3):
        token.renew(token.get())
        redis.delete(FORCED)
    assert platform.fetches.count(True) == FORCES_A_DAY


def test_a_holder_that_was_killed_stops_nobody_for_long(redis: Redis) -> None:
    assert redis.lock(f"{KEY}:lock", timeout=30).acquire()
    began = time.monotonic()
    assert SharedToken("wx", redis, Platform()).get() == "token-1"
    assert time.monotonic() - began < 6


@pytest.mark.pitfall(6)
def test_a_permanent_refusal_costs_one_renewal(redis: Redis) -> None:
    stub = WechatStub()
    stub.answers["/cgi-bin/stable_token"] = [
        {"access_token": name, "expires_in": 7200} for name in ("TOKEN-1", "TOKEN-1", "TOKEN-2")
    ]
    stub.answers["/cgi-bin/some/call"] = [{"errcode": 40001, "errmsg": "invalid credential"}]
    client = client_of(stub, redis)
    with pytest.raises(TokenInvalid):
        client.get("/cgi-bin/some/call")
    assert [request.url.params["access_token"] for request in stub.calls()] == ["TOKEN-1", "TOKEN-2"]
    assert [body["force_refresh"] for body in stub.tokens()] == [False, False, True]


def test_redis_that_goes_away_is_done_without(redis: Redis) -> None:
    platform = Platform()
    gone = Redis.from_url("redis://127.0.0.1:1/0")
    token = SharedToken("wx", gone, platform)
    assert token.get() == token.get() == "token-1"
    assert platform.fetches == [False]
    assert token.renew("token-1") == "token-1"  # nobody counts how often it was forced
    assert True not in platform.fetches
