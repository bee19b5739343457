import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.settings import Settings
from sandbox import events
from sandbox.app import create_app
from sandbox.delivery import Patience
from sandbox.media import sample_picture
from sandbox.wechat import FAULT, Wechat
from tests.waiting import wait_until
from tests.webhook_stub import Delivery, Webhook, webhook

PATIENCE = Patience(answer=0.3, pause=0.01)


def welcome(delivery: Delivery) -> bytes:
    """An account that greets new followers and repeats what it is told."""
    if delivery.value("MsgType") == "event":
        return delivery.reply("欢迎") if delivery.value("Event") == "subscribe" else b"success"
    return delivery.reply(f"您说：{delivery.value('Content')}")


@pytest.fixture
def stub() -> Iterator[Webhook]:
    with webhook(welcome) as stub:
        yield stub


@pytest.fixture
def wechat(configure: Callable[..., Settings], stub: Webhook) -> Wechat:
    return Wechat(configure(), stub.url, PATIENCE)


@pytest.fixture
def client(wechat: Wechat) -> FlaskClient:
    return create_app(wechat).test_client()


def settled(client: FlaskClient, openid: str) -> list[dict[str, Any]]:
    """The chat once nothing is under way."""
    path = f"/api/followers/{openid}/messages"
    wait_until(lambda: not client.get(path).json["typing"], 10)
    return client.get(path).json["messages"]


def joined(client: FlaskClient, name: str = "我") -> str:
    openid = client.post("/api/followers", json={"name": name}).json["openid"]
    settled(client, openid)
    return openid


def test_the_first_follower_waits_for_the_account(client: FlaskClient, wechat: Wechat, stub: Webhook) -> None:
    stub.echo = False
    wechat.connect()
    wait_until(lambda: "WECHAT_TOKEN" in client.get("/api/account").json["trouble"], 10)
    assert client.get("/api/account").json["connected"] is False
    assert client.get("/api/followers").json["followers"] == []
    stub.echo = True
    wait_until(lambda: client.get("/api/followers").json["followers"], 10)
    first = client.get("/api/followers").json["followers"][0]
    assert (first["name"], first["following"]) == ("我", True)
    assert [message["content"] for message in settled(client, first["openid"])] == ["欢迎"]
    assert client.get("/api/account").json["connected"] is True


def test_a_message_is_pending_then_sent_and_answered(client: FlaskClient, stub: Webhook) -> None:
    openid = joined(client)
    let_go = threading.Event()

    def slowly(delivery: Delivery) -> bytes:
        let_go.wait(5)
        return welcome(delivery)

    stub.answer = slowly
    sent = client.post(f"/api/followers/{openid}/messages", json={"type": "text", "content": "在吗"})
    assert (sent.status_code, sent.json["state"]) == (202, "pending")
    let_go.set()
    mine, answer = settled(client, openid)[-2:]
    assert (mine["from"], mine["state"]) == ("me", "sent")
    assert (answer["from"], answer["content"], answer["via"]) == ("account", "您说：在吗", "passive")


def test_without_an_answer_the_follower_sees_the_fault(client: FlaskClient, stub: Webhook) -> None:
    openid = joined(client)
    stub.answer = lambda _delivery: None
    client.post(f"/api/followers/{openid}/messages", json={"type": "text", "content": "在吗"})
    mine, line = settled(client, openid)[-2:]
    assert (mine["state"], mine["attempt"]) == ("failed", 3)
    assert (line["from"], line["content"]) == ("system", FAULT)


def test_messages_sent_quickly_do_not_wait_for_each_other(client: FlaskClient, stub: Webhook) -> None:
    openid = joined(client)
    meeting = threading.Barrier(4)

    def together(delivery: Delivery) -> bytes:
        meeting.wait(5)
        return welcome(delivery)

    stub.answer = together
    for number in range(4):
        client.post(f"/api/followers/{openid}/messages", json={"type": "text", "content": str(number)})
    messages = settled(client, openid)
    assert [message["content"] for message in messages if message["from"] == "me"] == ["0", "1", "2", "3"]
    answers = {message["content"] for message in messages if message["from"] == "account"}
    assert answers >= {"您说：0", "您说：1", "您说：2", "您说：3"}


def test_a_long_poll_returns_when_something_comes(client: FlaskClient, wechat: Wechat) -> None:
    openid = joined(client)
    path = f"/api/followers/{openid}/messages"
    cursor = client.get(path).json["cursor"]
    news: list[Any] = []
    poll = threading.Thread(target=lambda: news.append(client.get(f"{path}?after={cursor}&wait=20").json))
    poll.start()
    wechat.phone.put(openid, "account", "text", "有新消息", via="service")
    poll.join(10)
    assert [message["content"] for message in news[0]["messages"]] == ["有新消息"]
    assert client.get(f"{path}?after={news[0]['cursor']}").json["messages"] == []


def test_leaving_and_coming_back(client: FlaskClient, stub: Webhook) -> None:
    openid = joined(client)
    client.post(f"/api/followers/{openid}/unfollow")
    settled(client, openid)
    refused = client.post(f"/api/followers/{openid}/messages", json={"type": "text", "content": "在吗"})
    assert refused.status_code == 409
    client.post(f"/api/followers/{openid}/follow", json={"scene": "7"})
    assert [message["content"] for message in settled(client, openid)] == ["欢迎", "你已取消关注该公众号", "欢迎"]
    events = [(delivery.value("Event"), delivery.value("EventKey")) for delivery in stub.deliveries]
    assert events == [("subscribe", ""), ("unsubscribe", ""), ("subscribe", "qrscene_7")]


@pytest.mark.parametrize(
    ("message", "element", "value"),
    [
        ({"type": "image"}, "PicUrl", "http"),
        ({"type": "voice", "recognition": "怎么贷款"}, "Recognition", "怎么贷款"),
        ({"type": "voice"}, "Format", "amr"),
        ({"type": "video"}, "ThumbMediaId", ""),
        ({"type": "shortvideo"}, "ThumbMediaId", ""),
        ({"type": "file", "title": "执照.pdf"}, "Title", "执照.pdf"),
        ({"type": "miniprogrampage", "title": "预约"}, "Title", "预约"),
        ({"type": "location", "latitude": 39.9, "longitude": 116.6, "label": "通州"}, "Location_X", "39.900000"),
        ({"type": "link", "title": "通知", "url": "https://a.gov.cn"}, "Url", "https://a.gov.cn"),
        ({"type": "text", "content": "1]]>2<b>"}, "Content", "1]]]]><![CDATA[>2<b>"),
    ],
)
def test_every_kind_of_message(
    client: FlaskClient, stub: Webhook, message: dict[str, Any], element: str, value: str
) -> None:
    openid = joined(client)
    client.post(f"/api/followers/{openid}/messages", json=message)
    settled(client, openid)
    assert stub.deliveries[-1].value("MsgType") == message["type"]
    assert stub.deliveries[-1].value(element).startswith(value)
    assert 0 < int(stub.deliveries[-1].value("MsgId")) < 2**64


@pytest.mark.parametrize(
    "body",
    [{"type": "text", "content": " "}, {"type": "text", "content": "长" * 4001}, {"type": "dance"}, [1]],
)
def test_input_that_is_refused(client: FlaskClient, stub: Webhook, body: object) -> None:
    openid = joined(client)
    before = len(stub.deliveries)
    assert client.post(f"/api/followers/{openid}/messages", json=body).status_code == 400
    assert client.post("/api/followers", data=b"x" * 2_100_000).status_code == 413
    assert client.get("/api/followers/oNobody/messages").status_code == 404
    assert len(stub.deliveries) == before


def test_unread_messages_are_counted_until_the_chat_is_opened(client: FlaskClient, wechat: Wechat) -> None:
    openid = joined(client)
    wechat.phone.put(openid, "account", "text", "提醒", via="service")
    assert client.get("/api/followers").json["followers"][0]["unread"] == 1
    client.get(f"/api/followers/{openid}/messages")
    assert client.get("/api/followers").json["followers"][0]["unread"] == 0


def test_the_page_brings_all_it_needs_and_no_inline_script(client: FlaskClient) -> None:
    page = client.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "小通" in page.text
    assert re.findall(r"<script(?![^>]*\ssrc=)", page.text) == []
    assert re.findall(r"\son\w+=|\sstyle=", page.text) == []
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        content = fetched(client, asset)
        for icon in re.findall(r'url\("(.+?)"\)', content):
            fetched(client, f"/static/{icon}")
        for module in re.findall(r' from "\./(.+?)"', content):
            fetched(client, f"/static/{module}")
    assert "http://" not in page.text


def fetched(client: FlaskClient, path: str) -> str:
    with client.get(path) as answer:
        assert answer.status_code == 200, path
        return answer.text


def test_another_sites_page_can_do_nothing(client: FlaskClient) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/api/followers", json={}, headers=foreign).status_code == 403
    assert client.post("/cgi-bin/stable_token", json={}, headers=foreign).status_code == 403
    assert client.get("/api/followers", headers={"Host": "evil.example"}).status_code == 403
    assert client.post("/api/followers", json={}, headers={"Origin": "http://localhost"}).status_code == 201


@pytest.mark.parametrize("name", events.KINDS)
def test_every_event_can_be_caused(client: FlaskClient, stub: Webhook, name: str) -> None:
    openid = joined(client)
    if name == "subscribe":
        client.post(f"/api/followers/{openid}/unfollow")
        settled(client, openid)
    assert client.post(f"/api/followers/{openid}/events", json={"event": name, "key": "k"}).status_code == 202
    settled(client, openid)
    assert stub.deliveries[-1].value("Event") == name
    assert stub.deliveries[-1].value("MsgId") == ""


def test_the_fields_of_an_event_can_be_chosen(client: FlaskClient, stub: Webhook) -> None:
    openid = joined(client)
    body = {"event": "scancode_waitmsg", "key": "k", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "event:1"}}
    client.post(f"/api/followers/{openid}/events", json=body)
    client.post(f"/api/followers/{openid}/events", json={"event": "brand_new_event", "Answer": 42})
    settled(client, openid)
    delivered = {delivery.value("Event"): delivery for delivery in stub.deliveries}
    assert delivered["scancode_waitmsg"].value("ScanResult") == "event:1"
    assert delivered["brand_new_event"].value("Answer") == "42"


def test_a_voice_has_a_recognition_only_where_it_was_given(client: FlaskClient, stub: Webhook) -> None:
    openid = joined(client)
    client.post(f"/api/followers/{openid}/messages", json={"type": "voice"})
    settled(client, openid)
    assert "Recognition" not in stub.deliveries[-1].body
    client.post(f"/api/followers/{openid}/messages", json={"type": "voice", "recognition": ""})
    settled(client, openid)
    assert "<Recognition><![CDATA[]]></Recognition>" in stub.deliveries[-1].body


def test_the_list_stays_short_and_can_be_searched(client: FlaskClient, wechat: Wechat) -> None:
    openids = [wechat.phone.add(f"商户{number}") for number in range(120)]
    wechat.phone.put(openids[7], "account", "text", "有新消息", via="service")
    recent = client.get("/api/followers?recent=1").json
    assert (len(recent["followers"]), recent["total"], recent["unread"]) == (50, 120, 1)
    assert recent["followers"][0]["openid"] == openids[7]
    found = client.get("/api/followers?q=商户11").json["followers"]
    assert {each["name"] for each in found} == {"商户11", *(f"商户11{digit}" for digit in range(10))}
    assert client.get(f"/api/followers?q={openids[3]}").json["followers"][0]["name"] == "商户3"


def test_there_is_an_end_to_followers(configure: Callable[..., Settings], stub: Webhook) -> None:
    client = create_app(Wechat(configure(SANDBOX_MAX_FOLLOWERS="2"), stub.url, PATIENCE)).test_client()
    codes = [client.post("/api/followers", json={}).status_code for _ in range(3)]
    assert codes == [201, 201, 409]


def test_a_passive_picture_must_exist(client: FlaskClient, wechat: Wechat, stub: Webhook) -> None:
    openid = joined(client)
    media_id = wechat.media.add("image", sample_picture()).id

    def picture(delivery: Delivery) -> bytes:
        text = delivery.reply("x").replace(b">text<", b">image<").decode()
        shown = media_id if delivery.value("Content") == "有" else "unknown"
        return text.replace("</xml>", f"<Image><MediaId>{shown}</MediaId></Image></xml>").encode()

    stub.answer = picture
    client.post(f"/api/followers/{openid}/messages", json={"type": "text", "content": "有"})
    assert settled(client, openid)[-1]["details"]["media"] == media_id
    client.post(f"/api/followers/{openid}/messages", json={"type": "text", "content": "没有"})
    assert settled(client, openid)[-1]["content"] == FAULT
