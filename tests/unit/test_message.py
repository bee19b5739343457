"""Kinds of outgoing message: each can be stored, and said in words."""

import json

import pytest

from wechat_gateway.message import Article, Choice, Image, Menu, Message, MiniProgramPage, Text, Transfer, dump, load

ONE_OF_EACH = [
    Text("您好"),
    Image("media"),
    Article("标题", "", "https://a", "https://a/b.png"),
    Menu("选一个", (Choice("1", "贷款"), Choice("2", "贴息"))),
    MiniProgramPage("标题", "wxapp", "pages/a", "thumb"),
    Transfer("li@account"),
]


@pytest.mark.parametrize("message", ONE_OF_EACH, ids=lambda message: type(message).__name__)
def test_a_message_survives_being_stored(message: Message) -> None:
    assert load(json.loads(json.dumps(dump(message)))) == message
    assert message.fallback.strip()


def test_fallbacks_say_what_the_message_shows() -> None:
    assert Article("标题", "", "https://a").fallback == "标题\nhttps://a"
    assert Menu("选一个", (Choice("x", "贷款"), Choice("y", "贴息"))).fallback == "选一个\n1 贷款\n2 贴息"


@pytest.mark.parametrize(
    "data", [{}, {"kind": "dance"}, {"kind": None}, {"kind": "text"}, {"kind": "text", "content": "a", "more": 1}]
)
def test_other_data_is_no_message(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="kind of message"):
        load(data)
