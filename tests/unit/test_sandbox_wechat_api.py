from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from core.settings import Settings
from sandbox.wechat import Wechat
from tests.webhook_stub import webhook
from tests.wechat_account import Account, ahead


@pytest.fixture
def account(configure: Callable[..., Settings]) -> Iterator[Account]:
    with webhook() as stub:
        yield Account(configure(TONGQI_ALLOW_CLOCK="1"), stub.url)


@pytest.fixture
def wechat(account: Account) -> Wechat:
    return account.wechat


@pytest.fixture
def client(account: Account) -> FlaskClient:
    return account.client


def test_five_messages_after_a_followers_message(account: Account, client: FlaskClient, wechat: Wechat) -> None:
    openid = wechat.join("我")
    ahead(minutes=2)  # what following allowed is over
    assert account.send(openid) == 45015
    client.post(f"/api/followers/{openid}/messages", json={"type": "text", "content": "在吗"})
    assert [account.send(openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    client.post(f"/api/followers/{openid}/messages", json={"type": "text", "content": "还在吗"})
    assert account.send(openid) == 0
    ahead(hours=48, seconds=1)
    account.token = account.stable_token()["access_token"]
    assert account.send(openid) == 45015


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("menu", {"key": "services"}),
        ("messages", {"type": "scan", "scene": "7"}),
        ("messages", {"type": "text", "content": "怎么申请", "menu_id": "2"}),
        ("follow", {}),
    ],
)
def test_three_messages_within_a_minute_of_anything_else(
    account: Account, client: FlaskClient, wechat: Wechat, path: str, body: dict[str, str]
) -> None:
    openid = wechat.join("我")
    if path == "follow":
        wechat.unfollow(openid)
    else:
        ahead(minutes=2)
    assert client.post(f"/api/followers/{openid}/{path}", json=body).status_code < 300
    assert [account.send(openid) for _ in range(4)] == [0, 0, 0, 45047]
    ahead(seconds=61)
    assert account.send(openid) == 45015


def test_a_viewed_page_opens_no_window(account: Account, client: FlaskClient, wechat: Wechat) -> None:
    openid = wechat.join("我")
    ahead(minutes=2)
    client.post(f"/api/followers/{openid}/menu", json={"key": "https://www.bjtzh.gov.cn/"})
    assert account.send(openid) == 45015


def test_who_cannot_be_written_to(account: Account, wechat: Wechat) -> None:
    openid = wechat.join("我")
    assert account.send("oNobody") == 40003
    assert account.send(openid, "字" * 683) == 45002
    assert account.send(openid, "字" * 682) == 0
    wechat.unfollow(openid)
    assert account.send(openid) == 43004


def test_a_service_message_appears_on_the_phone(account: Account, client: FlaskClient, wechat: Wechat) -> None:
    openid = wechat.join("我")
    choices = {"head_content": "哪一件？", "list": [{"id": "1", "content": "贷多少"}], "tail_content": ""}
    account.send(openid, "办好了")
    account.post("message/custom/send", {"touser": openid, "msgtype": "msgmenu", "msgmenu": choices})
    article = {"title": "细则", "description": "", "url": "https://a.gov.cn", "picurl": ""}
    news = {"touser": openid, "msgtype": "news", "news": {"articles": [article]}}
    account.post("message/custom/send", news)
    text, menu, card = client.get(f"/api/followers/{openid}/messages").json["messages"]
    assert (text["content"], text["from"], text["via"], text["state"]) == ("办好了", "account", "service", "sent")
    assert "weixin://bizmsgmenu?msgmenucontent=%E8%B4%B7%E5%A4%9A%E5%B0%91&msgmenuid=1" in menu["content"]
    assert card["articles"][0]["title"] == "细则"
    news["news"] = {"articles": [article, article]}
    assert account.post("message/custom/send", news)["errcode"] == 45008


def test_typing_shows_until_it_is_cancelled(account: Account) -> None:
    openid = account.join()

    def shown() -> bool:
        return bool(account.client.get(f"/api/followers/{openid}/messages").json["typing"])

    def typing(command: str) -> int:
        return int(account.post("message/custom/typing", {"touser": openid, "command": command})["errcode"])

    assert typing("Typing") == 0
    assert shown()
    assert typing("Typing") == 45081
    assert typing("CancelTyping") == 0
    assert not shown()
    assert typing("Sing") == 45072
    ahead(seconds=31)
    assert typing("Typing") == 45080


def test_tokens_are_checked_and_end_after_two_hours(account: Account) -> None:
    assert account.stable_token()["access_token"] == account.token
    assert account.stable_token(appid="wx0")["errcode"] == 40013
    assert account.stable_token(secret="x")["errcode"] == 40125
    assert account.stable_token(grant_type="password")["errcode"] == 40002
    assert account.get("menu/get")["errcode"] == 46003
    assert account.client.get("/cgi-bin/menu/get").json["errcode"] == 41001
    assert account.get("menu/get", access_token="made-up")["errcode"] == 40001
    assert account.get("menu/get", access_token="not a token")["errcode"] == 40014
    ahead(seconds=7201)
    assert account.get("menu/get")["errcode"] == 42001
    account.token = account.stable_token()["access_token"]
    assert account.get("menu/get")["errcode"] == 46003


def test_each_token_of_the_old_kind_ends_the_one_before(account: Account) -> None:
    first, second = (account.get("token", **account.credentials)["access_token"] for _ in range(2))
    assert account.get("menu/get", access_token=first)["errcode"] == 46003
    ahead(minutes=5)
    assert account.get("menu/get", access_token=first)["errcode"] == 42001
    assert account.get("menu/get", access_token=second)["errcode"] == 46003


def test_a_renewed_stable_token_ends_the_old_one(account: Account) -> None:
    renewed = account.stable_token(force_refresh=True)
    assert account.get("menu/get")["errcode"] == 42001
    assert account.get("menu/get", access_token=renewed["access_token"])["errcode"] == 46003


def test_a_forced_token_is_rationed(account: Account) -> None:
    assert account.stable_token(force_refresh=True)["access_token"] != account.token
    assert account.stable_token(force_refresh=True)["errcode"] == 45011
    for _ in range(19):
        ahead(seconds=30)
        assert "access_token" in account.stable_token(force_refresh=True)
    ahead(seconds=30)
    assert account.stable_token(force_refresh=True)["errcode"] == 45009


def test_calls_are_counted_by_day_and_by_minute(account: Account) -> None:
    openid = account.join()
    account.client.put("/api/limits", json={"call": "message/custom/send", "daily": 2, "minute": 1})
    assert [account.send(openid), account.send(openid)] == [0, 45011]
    ahead(seconds=60)
    account.phone(openid, "messages", {"type": "text", "content": "在吗"})
    assert account.send(openid) == 0
    ahead(seconds=60)
    assert account.send(openid) == 45009
    quota = account.post("openapi/quota/get", {"cgi_path": "/cgi-bin/message/custom/send"})["quota"]
    assert quota == {"daily_limit": 2, "used": 2, "remain": 0}
    assert account.post("clear_quota", {"appid": account.credentials["appid"]})["errcode"] == 0
    assert account.send(openid) == 0
    codes = [account.post("clear_quota", {"appid": account.credentials["appid"]})["errcode"] for _ in range(10)]
    assert codes == [0] * 9 + [48006]


def test_a_menu_is_published_shown_and_deleted(account: Account, client: FlaskClient) -> None:
    buttons = [{"type": "click", "name": "办事", "key": "services"}]
    assert account.post("menu/create", {"button": buttons})["errcode"] == 0
    assert account.get("menu/get")["menu"]["button"] == client.get("/api/account").json["menu"] == buttons
    assert account.get("menu/delete")["errcode"] == 0
    assert client.get("/api/account").json["menu"] == []


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([{"type": "click", "name": "一", "key": "1"}] * 4, 40016),
        ([{"type": "click", "name": "一二三四五六", "key": "1"}], 40018),
        ([{"type": "click", "name": "一", "key": ""}], 40019),
        ([{"type": "view", "name": "一", "url": "ftp://a"}], 40020),
        ([{"type": "say", "name": "一"}], 40017),
        ([{"name": "一", "sub_button": [{"type": "click", "name": "一", "key": "1"}] * 6}], 40023),
        ("nothing", 40016),
    ],
)
def test_a_bad_menu_is_refused(account: Account, buttons: object, code: int) -> None:
    assert account.post("menu/create", {"button": buttons})["errcode"] == code


def test_user_info_tells_no_name(account: Account, wechat: Wechat) -> None:
    openid = wechat.join("张三")
    info = account.get("user/info", openid=openid)
    assert (info["subscribe"], info["openid"]) == (1, openid)
    assert "张三" not in str(info)
    wechat.unfollow(openid)
    assert account.get("user/info", openid=openid) == {"subscribe": 0, "openid": openid}


def test_what_is_no_call_of_wechats(account: Account) -> None:
    assert account.post("message/mass/nothing", {})["errcode"] == 40066
    assert account.post("message/custom/send", ["no object"])["errcode"] == 47001
    assert account.post("message/custom/send", {"touser": "o", "msgtype": "dance"})["errcode"] == 40008
    half = account.client.post(f"/cgi-bin/menu/create?access_token={account.token}", data=rb'{"button": "\ud800"}')
    assert half.json["errcode"] == 47001
