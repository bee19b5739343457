"""Mass sending: whole lists in parts that WeChat takes, and nothing twice."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wechat_stub import WechatStub, client_of
from wechat_gateway.calls import broadcast
from wechat_gateway.calls.broadcast import Content, Job, JobState, MassArticles, MassImage, MassText
from wechat_gateway.client import WechatClient
from wechat_gateway.errors import Advice, WechatError

pytestmark = pytest.mark.usefixtures("configure")
KEY = broadcast.client_msg_id("spring", 0)


@pytest.fixture
def stub() -> WechatStub:
    stub = WechatStub()
    for call in ("send", "sendall"):
        stub.answers[f"/cgi-bin/message/mass/{call}"] = [{"errcode": 0, "msg_id": 34182, "msg_data_id": 206227730}]
    return stub


@pytest.fixture
def client(stub: WechatStub) -> WechatClient:
    return client_of(stub)


def sizes(count: int) -> list[int]:
    return [len(chunk) for chunk in broadcast.chunks([str(number) for number in range(count)])]


@pytest.mark.parametrize(
    ("count", "parts"),
    [
        (2, [2]),
        (10_000, [10_000]),
        (10_001, [9_999, 2]),
        (10_002, [10_000, 2]),
        (20_001, [10_000, 9_999, 2]),
    ],
)
def test_parts_leave_no_single_recipient(count: int, parts: list[int]) -> None:
    assert sizes(count) == parts


@given(st.integers(2, 60_000))
def test_every_recipient_is_in_one_part_of_a_size_that_wechat_takes(count: int) -> None:
    openids = [str(number) for number in range(count)]
    parts = list(broadcast.chunks(openids))
    assert [openid for part in parts for openid in part] == openids
    assert all(2 <= len(part) <= 10_000 for part in parts)


@pytest.mark.parametrize("openids", [[], ["a"], ["a", "a"]])
def test_one_recipient_is_no_mass_sending(openids: list[str]) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        list(broadcast.chunks(openids))


@given(st.text(), st.integers(0, 10_000))
@pytest.mark.pitfall(8)
def test_the_key_of_a_part_is_one_that_wechat_takes(campaign: str, chunk: int) -> None:
    key = broadcast.client_msg_id(campaign.encode(errors="replace").decode(), chunk)
    assert re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", key)


def test_the_key_is_the_same_for_the_same_part_only() -> None:
    keys = {broadcast.client_msg_id(campaign, chunk) for campaign in ("a", "b", "a1") for chunk in range(20)}
    assert len(keys) == 60
    assert broadcast.client_msg_id("a", 3) in keys


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (MassText("您好"), {"msgtype": "text", "text": {"content": "您好"}}),
        (MassImage("M"), {"msgtype": "image", "images": {"media_ids": ["M"]}}),
        (MassArticles("D"), {"msgtype": "mpnews", "mpnews": {"media_id": "D"}, "send_ignore_reprint": 1}),
    ],
)
@pytest.mark.pitfall(8)
def test_sending_to_a_tag(stub: WechatStub, client: WechatClient, content: Content, body: dict[str, object]) -> None:
    assert broadcast.send_to_tag(client, 134, content, KEY) == Job(34182)
    assert stub.body() == {"filter": {"is_to_all": False, "tag_id": 134}, "clientmsgid": KEY, **body}


def test_sending_to_followers(stub: WechatStub, client: WechatClient) -> None:
    assert broadcast.send_to_openids(client, ["a", "b"], MassText("您好"), KEY) == Job(34182)
    assert stub.paths() == ["/cgi-bin/message/mass/send"]
    assert stub.body()["touser"] == ["a", "b"]


@pytest.mark.parametrize("openids", [["a"], ["a", "a"], [str(number) for number in range(10_001)]])
def test_recipients_beyond_the_limits(stub: WechatStub, client: WechatClient, openids: list[str]) -> None:
    with pytest.raises(ValueError, match="2 to 10000"):
        broadcast.send_to_openids(client, openids, MassText("您好"), KEY)
    assert stub.requests == []


@pytest.mark.parametrize("key", ["", "x" * 33, "春季"])
def test_a_key_that_wechat_would_not_take(client: WechatClient, key: str) -> None:
    with pytest.raises(ValueError, match="32"):
        broadcast.send_to_tag(client, 134, MassText("您好"), key)


def test_a_repetition_is_a_success_with_the_job_there_is(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/message/mass/send"] = [{"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": 7}]
    job = broadcast.send_to_openids(client, ["a", "b"], MassText("您好"), KEY)
    assert job == Job(7, duplicate=True)


@pytest.mark.parametrize(("code", "advice"), [(45028, Advice.WAIT), (45066, Advice.RETRY), (48001, Advice.MEND)])
def test_what_to_do_about_a_refusal(stub: WechatStub, client: WechatClient, code: int, advice: Advice) -> None:
    stub.answers["/cgi-bin/message/mass/sendall"] = [{"errcode": code}]
    with pytest.raises(WechatError) as caught:
        broadcast.send_to_tag(client, 134, MassText("您好"), KEY)
    assert caught.value.advice is advice


def test_preview_delete_and_state(stub: WechatStub, client: WechatClient) -> None:
    broadcast.preview(client, "o-a", MassImage("M"))
    assert stub.body() == {"touser": "o-a", "msgtype": "image", "image": {"media_id": "M"}}
    broadcast.preview(client, "o-a", MassArticles("D"))
    assert stub.body()["mpnews"] == {"media_id": "D"}
    broadcast.delete(client, 7, article=2)
    assert stub.body() == {"msg_id": 7, "article_idx": 2}
    stub.answers["/cgi-bin/message/mass/get"] = [{"msg_id": 7, "msg_status": "SEND_SUCCESS"}]
    assert broadcast.state(client, 7) is JobState.SUCCESS
