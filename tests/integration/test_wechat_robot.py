"""A group robot writes twenty times a minute at most, all processes together."""

import httpx
import pytest
from pydantic import SecretStr
from redis import Redis

from wechat_gateway.errors import Advice, WechatError
from wechat_gateway.wecom import ROBOT_MESSAGES, ROBOT_SECONDS, GroupRobot, RobotBusy


@pytest.fixture
def sent() -> list[httpx.Request]:
    return []


@pytest.fixture
def http(sent: list[httpx.Request]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"errcode": 0})

    return httpx.Client(base_url="http://wecom", transport=httpx.MockTransport(answer))


def robot(redis: Redis, http: httpx.Client, key: str = "robot-key") -> GroupRobot:
    return GroupRobot(SecretStr(key), redis, http)


def window(redis: Redis) -> bytes:
    (key,) = redis.keys("wecom:robot:*")
    return bytes(key)


def test_a_text_with_those_it_is_for(redis: Redis, http: httpx.Client, sent: list[httpx.Request]) -> None:
    robot(redis, http).send_text("您好", mention=["@all"])
    assert dict(sent[0].url.params) == {"key": "robot-key"}
    assert httpx.Response(200, content=sent[0].content).json() == {
        "msgtype": "text",
        "text": {"content": "您好", "mentioned_list": ["@all"]},
    }
    assert b"robot-key" not in window(redis)


@pytest.mark.pitfall(9)
def test_the_limit_is_shared(redis: Redis, http: httpx.Client, sent: list[httpx.Request]) -> None:
    robots = [robot(redis, http), robot(redis, http)]
    for number in range(ROBOT_MESSAGES):
        robots[number % 2].send_text(str(number))
    for one in robots:
        with pytest.raises(RobotBusy) as caught:
            one.send_text("多一条")
    assert len(sent) == ROBOT_MESSAGES
    assert 0 < caught.value.seconds <= ROBOT_SECONDS
    assert caught.value.advice is Advice.WAIT
    robot(redis, http, "another").send_text("不受影响")


def test_the_window_slides(redis: Redis, http: httpx.Client) -> None:
    one = robot(redis, http)
    for number in range(ROBOT_MESSAGES):
        one.send_text(str(number))
    key = window(redis)
    for member in redis.zrange(key, 0, 1):
        redis.zincrby(key, -ROBOT_SECONDS * 1000, member)  # two of them were a minute earlier
    one.send_text("一")
    one.send_text("二")
    with pytest.raises(RobotBusy):
        one.send_text("三")


def test_a_robot_that_is_gone_is_said(redis: Redis) -> None:
    refused = httpx.MockTransport(lambda _request: httpx.Response(200, json={"errcode": 93000, "errmsg": "robot-key"}))
    http = httpx.Client(base_url="http://wecom", transport=refused)
    with pytest.raises(WechatError) as caught:
        robot(redis, http).send_text("您好")
    assert caught.value.name == "robot_invalid"
    assert "robot-key" not in str(caught.value)
