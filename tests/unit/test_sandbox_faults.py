"""Failures on request, and the books by which a fault test is judged."""

import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from werkzeug.serving import make_server

from core.settings import Settings
from sandbox.__main__ import QuietHandler
from sandbox.app import create_app
from sandbox.faults import Faults
from tests.waiting import wait_until
from tests.webhook_stub import Webhook, webhook
from tests.wechat_account import Account


@pytest.fixture
def stub() -> Iterator[Webhook]:
    with webhook(lambda delivery: delivery.reply(f"答{delivery.value('Content')}")) as stub:
        yield stub


@pytest.fixture
def account(configure: Callable[..., Settings], stub: Webhook) -> Account:
    return Account(configure(), stub.url)


@pytest.fixture
def served(account: Account) -> Iterator[str]:
    """The stand-in on a real port: only there can a connection be dropped."""
    server = make_server("127.0.0.1", 0, create_app(account.wechat), threaded=True, request_handler=QuietHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


def rules(account: Account, *given: dict[str, object]) -> None:
    assert account.client.put("/api/faults", json=list(given)).status_code == 200


def test_an_errcode_as_often_as_asked(account: Account) -> None:
    openid = account.join()
    rules(account, {"call": "message/custom/send", "kind": "errcode", "errcode": 45009, "times": 2})
    assert [account.send(openid) for _ in range(3)] == [45009, 45009, 0]
    assert account.client.get("/api/faults").json["rules"][0]["hits"] == 2
    assert account.client.delete("/api/faults").json["rules"] == []


def test_every_third_call(account: Account) -> None:
    openid = account.join()
    account.phone(openid, "messages", {"type": "text", "content": "在吗"})
    rules(account, {"call": "*", "kind": "errcode", "errcode": -1, "every": 3})
    assert [account.send(openid) for _ in range(6)] == [0, 0, -1, 0, 0, -1]


def test_a_token_ends_in_the_middle(account: Account) -> None:
    openid = account.join()
    rules(account, {"call": "message/custom/send", "kind": "expire_token", "times": 1})
    assert account.send(openid) == 42001
    account.token = account.stable_token()["access_token"]
    assert account.send(openid) == 0


@pytest.mark.parametrize("kind", ["timeout", "reset"])
@pytest.mark.parametrize("after", [True, False])
def test_no_answer_although_it_was_done_or_not(account: Account, served: str, kind: str, after: bool) -> None:
    openid = account.join()
    before = len(account.chat(openid))
    rules(account, {"call": "message/custom/send", "kind": kind, "after": after, "seconds": 0.2})
    with pytest.raises(httpx.HTTPError):
        httpx.post(
            f"{served}/cgi-bin/message/custom/send?access_token={account.token}",
            json={"touser": openid, "msgtype": "text", "text": {"content": "您好"}},
            timeout=0.1 if kind == "timeout" else 5,
        )
    assert len(account.chat(openid)) - before == after


def test_an_http_error(account: Account) -> None:
    rules(account, {"call": "stable_token", "kind": "http500", "times": 1})
    assert account.client.post("/cgi-bin/stable_token", json=account.credentials).status_code == 500


def test_a_push_that_comes_twice_is_shown_once(account: Account, stub: Webhook) -> None:
    openid = account.join()
    rules(account, {"call": "push", "kind": "duplicate"})
    account.phone(openid, "messages", {"type": "text", "content": "在吗"})
    shown = [message["content"] for message in account.settled(openid)]
    assert shown.count("答在吗") == 1
    ids = [delivery.value("MsgId") for delivery in stub.deliveries if delivery.value("MsgType") == "text"]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    entry = account.client.get("/api/answers").json["pushes"][-1]
    assert (entry["passive"], entry["discarded"]) == (["答在吗"], ["答在吗"])


def test_a_push_that_comes_late(account: Account, stub: Webhook) -> None:
    openid = account.join()
    rules(account, {"call": "push", "kind": "delay", "seconds": 0.3})
    account.phone(openid, "messages", {"type": "text", "content": "在吗"})
    assert stub.deliveries[-1].value("Event") == "subscribe"
    assert account.settled(openid)[-1]["content"] == "答在吗"


@pytest.mark.parametrize(
    "rule",
    [
        {"call": "push", "kind": "http500"},
        {"call": "menu/get", "kind": "duplicate"},
        {"call": "menu/get", "kind": "slow", "seconds": 10_000},
        {"call": "menu/get", "kind": "slow", "every": 0},
        {"call": "menu/get", "kind": "slow", "often": True},
        {"call": 5, "kind": "slow"},
        {"call": "menu/get", "kind": "slow", "seconds": "long"},
        {"kind": "slow"},
        "slow",
    ],
)
def test_rules_that_make_no_sense(account: Account, rule: object) -> None:
    assert account.client.put("/api/faults", json=[rule]).status_code == 400
    assert account.client.get("/api/faults").json["rules"] == []


def test_rules_are_struck_exactly_as_often_under_load() -> None:
    faults = Faults()
    faults.replace([{"call": "push", "kind": "delay", "times": 50}])
    struck: list[object] = []
    threads = [
        threading.Thread(target=lambda: struck.extend(faults.strike("push") for _ in range(100))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each is not None for each in struck) == 50


def test_the_books_of_many_messages_at_once(account: Account) -> None:
    people = [account.join(str(number)) for number in range(20)]
    threads = [
        threading.Thread(target=account.wechat.say, args=(openid, {"MsgType": "text", "Content": openid}, openid))
        for openid in people
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: account.client.get("/api/totals").json["pending"] == 0)
    account.send(people[0], "再见")
    totals = account.client.get("/api/totals").json
    assert (totals["messages"], totals["passive"], totals["service"], totals["faults"]) == (200, 220, 1, 0)
    assert totals["tries"] == {"1": 220}
    books = account.client.get("/api/answers").json
    texts = [push for push in books["pushes"] if push["kind"] == "text"]
    assert all(push["passive"] == [f"答{push['openid']}"] for push in texts)
    assert len({push["message_id"] for push in texts}) == 200
    assert [each["content"] for each in books["service"]] == ["再见"]
    later = account.client.get(f"/api/answers?after={texts[-1]['id']}&openid={people[0]}").json
    assert (later["pushes"], len(later["service"])) == ([], 1)
