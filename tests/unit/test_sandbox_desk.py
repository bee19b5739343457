"""The human service: a conversation is handed over, and comes back."""

from collections.abc import Callable, Iterator

import pytest

from core.settings import Settings
from tests.webhook_stub import Delivery, Webhook, webhook
from tests.wechat_account import Account, ahead


def hands_over(delivery: Delivery) -> bytes:
    """An account that passes on whoever says 人工, even where it must not: as the answer to a menu click."""
    if delivery.value("Content") == "人工" or delivery.value("Event") == "CLICK":
        xml = delivery.reply("x").replace(b">text<", b">transfer_customer_service<")
        return xml.replace(b"<Content><![CDATA[x]]></Content>", b"")
    return delivery.reply("我在") if delivery.value("MsgType") == "text" else b"success"


@pytest.fixture
def stub() -> Iterator[Webhook]:
    with webhook(hands_over) as stub:
        yield stub


@pytest.fixture
def account(configure: Callable[..., Settings], stub: Webhook) -> Account:
    return Account(configure(TONGQI_ALLOW_CLOCK="1"), stub.url)


def say(account: Account, openid: str, text: str) -> list[str]:
    account.phone(openid, "messages", {"type": "text", "content": text})
    return [message["content"] for message in account.settled(openid)]


def names(stub: Webhook) -> list[str]:
    return [delivery.value("Event") or delivery.value("Content") for delivery in stub.deliveries]


def test_after_a_transfer_the_desk_hears_the_follower_and_the_account_does_not(account: Account, stub: Webhook) -> None:
    openid = account.join()
    assert "会话已转给人工客服" in say(account, openid, "人工")
    assert "我在" not in say(account, openid, "我的贷款批了吗")
    assert names(stub) == ["subscribe", "人工", "kf_create_session"]
    agent = stub.deliveries[-1].value("KfAccount")
    account.phone(openid, "desk", {"content": "正在给您查"})
    answer = account.chat(openid)[-1]
    assert (answer["content"], answer["via"]) == ("正在给您查", "desk")
    assert account.get("/customservice/kfsession/getsession", openid=openid)["kf_account"] == agent
    assert account.get("customservice/getonlinekflist")["kf_online_list"][0]["accepted_case"] == 1
    closed = account.post("/customservice/kfsession/close", {"kf_account": agent, "openid": openid})
    assert closed["errcode"] == 0
    account.settled(openid)  # each push goes its own way, so the next one might arrive first
    assert say(account, openid, "还在吗")[-1] == "我在"
    assert names(stub)[-2:] == ["kf_close_session", "还在吗"]


def test_after_half_an_hour_of_silence_the_account_hears_him_again(account: Account, stub: Webhook) -> None:
    openid = account.join()
    say(account, openid, "人工")
    ahead(minutes=29)
    say(account, openid, "在吗")
    ahead(minutes=29)
    assert "我在" not in say(account, openid, "在吗")
    ahead(minutes=30)
    assert "我在" in say(account, openid, "在吗")
    closed = next(delivery for delivery in stub.deliveries if delivery.value("Event") == "kf_close_session")
    assert closed.value("CloseType") == "TIMEOUT"


def test_without_anybody_at_the_desk_he_queues_and_the_account_still_hears_him(account: Account) -> None:
    openid = account.join()
    desk = account.client.get("/api/desk").json["agents"][0]["account"]
    account.client.put("/api/desk", json={"agents": [{"account": desk, "online": False}]})
    assert "请稍候" in say(account, openid, "人工")[-1]
    assert say(account, openid, "在吗")[-1] == "我在"
    assert account.get("/customservice/kfsession/getwaitcase")["count"] == 1
    account.client.put("/api/desk", json={"agents": [{"account": desk, "online": True}]})
    account.phone(openid, "desk", {"accept": True})
    assert "我在" not in say(account, openid, "有人吗")[-1]


def test_sessions_the_account_begins(account: Account) -> None:
    openid = account.join()
    agents = [{"account": "a@gh", "online": True}, {"account": "b@gh", "online": True}]
    account.client.put("/api/desk", json={"agents": [*agents, {"account": "c@gh", "online": False}]})

    def create(agent: str) -> int:
        return int(account.post("/customservice/kfsession/create", {"kf_account": agent, "openid": openid})["errcode"])

    assert [create("x@gh"), create("c@gh"), create("a@gh"), create("a@gh"), create("b@gh")] == [
        61457,
        61459,
        0,
        0,
        61458,
    ]
    other = account.post("/customservice/kfsession/close", {"kf_account": "b@gh", "openid": openid})
    assert other["errcode"] == 65413
    account.client.put("/api/desk", json={"enabled": False})
    assert account.get("customservice/getonlinekflist")["errcode"] == 65400
    assert create("a@gh") == 65400


def test_a_transfer_in_answer_to_an_event_is_a_fault(account: Account) -> None:
    openid = account.join()
    account.phone(openid, "menu", {"key": "human"})
    assert "出现故障" in account.settled(openid)[-1]["content"]
    assert "never an event" in account.client.get("/api/deliveries").json["deliveries"][0]["fault"]
