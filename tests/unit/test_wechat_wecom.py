"""Enterprise WeChat: a task is not a sent message."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from redis import Redis

from tests.wechat_stub import NO_REDIS
from wechat_gateway import wecom
from wechat_gateway.errors import Advice, TokenInvalid, Unreachable, WechatError
from wechat_gateway.wecom import GroupRobot, GroupTask, TaskState, WecomClient

pytestmark = pytest.mark.usefixtures("configure")
Answers = dict[str, list[dict[str, Any]]]


@pytest.fixture
def requests() -> list[httpx.Request]:
    return []


@pytest.fixture
def answers() -> Answers:
    return {"gettoken": [{"errcode": 0, "access_token": "T1", "expires_in": 7200}]}


@pytest.fixture
def http(requests: list[httpx.Request], answers: Answers) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        rows = answers.get(request.url.path.rpartition("/")[2], [{"errcode": 0}])
        return httpx.Response(200, json=rows.pop(0) if len(rows) > 1 else rows[0])

    return httpx.Client(base_url="http://wecom", transport=httpx.MockTransport(answer))


@pytest.fixture
def client(http: httpx.Client) -> WecomClient:
    return WecomClient("ww1", SecretStr("corp-secret"), Redis.from_url(NO_REDIS), http)


@pytest.fixture
def body(requests: list[httpx.Request]) -> Callable[[], dict[str, Any]]:
    return lambda: dict(json.loads(requests[-1].content))


@pytest.mark.pitfall(9)
def test_a_task_waits_for_confirmation(client: WecomClient, answers: Answers, body: Callable[[], Any]) -> None:
    answers["add_msg_template"] = [{"errcode": 0, "msgid": "M", "fail_list": ["wr2"]}]
    link = {"msgtype": "link", "link": {"title": "政策", "url": "https://a/"}}
    task = wecom.create_group_task(client, "zhangsan", "您好", chat_ids=["wr1", "wr2"], attachments=[link])
    assert task == GroupTask("M", ("wr2",), TaskState.PENDING_CONFIRMATION)
    assert body() == {
        "chat_type": "group",
        "sender": "zhangsan",
        "chat_id_list": ["wr1", "wr2"],
        "text": {"content": "您好"},
        "attachments": [link],
    }


@pytest.mark.parametrize(
    ("text", "chats", "attachments"), [("您好", 2001, 0), ("您好", 1, 10), ("", 1, 0), ("贷" * 1334, 1, 0)]
)
def test_tasks_beyond_the_limits(
    client: WecomClient, requests: list[httpx.Request], text: str, chats: int, attachments: int
) -> None:
    with pytest.raises(ValueError, match="a task has"):
        wecom.create_group_task(client, "z", text, chat_ids=["wr"] * chats, attachments=[{}] * attachments)
    assert requests == []


def test_the_result_is_told_group_by_group(client: WecomClient, answers: Answers) -> None:
    answers["get_groupmsg_task"] = [
        {"errcode": 0, "task_list": [{"userid": "a", "status": 2}], "next_cursor": "2"},
        {"errcode": 0, "task_list": [{"userid": "b", "status": 0}], "next_cursor": ""},
    ]
    answers["get_groupmsg_send_result"] = [
        {
            "errcode": 0,
            "send_list": [
                {"chat_id": "1", "status": 1, "send_time": 1700000000},
                {"chat_id": "2", "status": 2},
                {"chat_id": "3", "status": 3},
            ],
        },
        {"errcode": 0, "send_list": [{"chat_id": "4", "status": 0}]},
    ]
    results = wecom.task_result(client, "M")
    assert [(row.chat_id, row.staff, row.state) for row in results] == [
        ("1", "a", TaskState.SENT),
        ("2", "a", TaskState.FAILED_NOT_FRIEND),
        ("3", "a", TaskState.FAILED_LIMIT),
        ("4", "b", TaskState.PENDING_CONFIRMATION),
    ]
    assert (results[0].sent_at, results[3].sent_at) == (1700000000, None)


def test_the_token_is_renewed_once(client: WecomClient, answers: Answers, requests: list[httpx.Request]) -> None:
    answers["gettoken"] = [{"access_token": "T1"}, {"access_token": "T2"}]
    answers["add_msg_template"] = [{"errcode": 42001, "errmsg": "expired"}]
    with pytest.raises(TokenInvalid):
        wecom.create_group_task(client, "z", "您好")
    assert [request.url.path.rpartition("/")[2] for request in requests] == ["gettoken", "add_msg_template"] * 2


@pytest.mark.parametrize(("code", "advice"), [(60020, Advice.MEND), (48002, Advice.MEND), (41048, Advice.GIVE_UP)])
def test_numbers_mean_what_they_mean_here(client: WecomClient, answers: Answers, code: int, advice: Advice) -> None:
    answers["add_msg_template"] = [{"errcode": code, "errmsg": "no"}]
    with pytest.raises(WechatError) as caught:
        wecom.create_group_task(client, "z", "您好")
    assert caught.value.advice is advice


def test_a_wrong_secret_is_not_shown(client: WecomClient, answers: Answers) -> None:
    answers["gettoken"] = [{"errcode": 40001, "errmsg": "invalid credential corp-secret"}]
    with pytest.raises(WechatError) as caught:
        client.get("/cgi-bin/anything")
    assert caught.value.advice is Advice.MEND
    assert "corp-secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "贷" * 683])
def test_a_robots_text_beyond_the_limits(http: httpx.Client, text: str) -> None:
    with pytest.raises(ValueError, match="2048"):
        GroupRobot(SecretStr("k"), Redis.from_url(NO_REDIS), http).send_text(text)


def test_a_robot_whose_messages_cannot_be_counted_is_silent(http: httpx.Client, requests: list[httpx.Request]) -> None:
    with pytest.raises(Unreachable):
        GroupRobot(SecretStr("k"), Redis.from_url(NO_REDIS), http).send_text("您好")
    assert requests == []
