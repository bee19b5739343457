"""Passive replies, read as WeChat reads them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import xmltodict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.settings import Settings
from tests.pushes import AES_KEY, APP_ID, TOKEN
from wechat_gateway import crypto
from wechat_gateway.envelope import Opened
from wechat_gateway.message import Article, Choice, Image, Menu, Message, MiniProgramPage, Text, Transfer
from wechat_gateway.replies import render, seal

Configure = Callable[..., Settings]
any_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=60) | st.just("a]]>b")


def read(said: Message) -> dict[str, Any]:
    fields: dict[str, Any] = xmltodict.parse(render(said, "o-zhang", "gh_account"))["xml"]
    assert (fields.pop("ToUserName"), fields.pop("FromUserName")) == ("o-zhang", "gh_account")
    assert fields.pop("CreateTime").isdecimal()
    return fields


def test_text(configure: Configure) -> None:
    assert read(Text("您好")) == {"MsgType": "text", "Content": "您好"}


def test_image(configure: Configure) -> None:
    assert read(Image("media")) == {"MsgType": "image", "Image": {"MediaId": "media"}}


def test_article(configure: Configure) -> None:
    card = {"Title": "标题", "Description": "说明", "PicUrl": "https://a/b.png", "Url": "https://a/?b=c&d"}
    said = Article("标题", "说明", "https://a/?b=c&d", "https://a/b.png")
    assert read(said) == {"MsgType": "news", "ArticleCount": "1", "Articles": {"item": card}}


def test_transfer(configure: Configure) -> None:
    assert read(Transfer()) == {"MsgType": "transfer_customer_service"}
    named = {"MsgType": "transfer_customer_service", "TransInfo": {"KfAccount": "li@account"}}
    assert read(Transfer("li@account")) == named


@pytest.mark.parametrize(
    "said", [Menu("选一个", (Choice("1", "贷款"),)), MiniProgramPage("标题", "wxapp", "pages/a", "thumb")]
)
def test_what_a_passive_reply_cannot_carry_is_text(said: Message, configure: Configure) -> None:
    assert read(said) == {"MsgType": "text", "Content": said.fallback}


@any_fixture
@given(words=anything)
@pytest.mark.pitfall(4)
def test_no_text_breaks_out_of_its_element(configure: Configure, words: str) -> None:
    for said in (Text(words), Article(words, words, words, words), Image(words), Transfer(words)):
        fields = read(said)
        assert set(fields) <= {"MsgType", "Content", "Image", "ArticleCount", "Articles", "TransInfo"}
    assert "]]>" not in (read(Text(words)).get("Content") or "")


@any_fixture
@given(words=st.text(alphabet=st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cn")), max_size=60))
def test_texts_arrive_as_they_are(configure: Configure, words: str) -> None:
    assert (read(Text(words))["Content"] or "") == words.replace("]]>", "]]\u200b>").strip()


def decrypted(envelope: dict[str, Any]) -> str:
    parts = (TOKEN, str(envelope["TimeStamp"]), envelope["Nonce"], envelope["Encrypt"])
    assert crypto.signed(envelope["MsgSignature"], *parts)
    return crypto.decrypt(envelope["Encrypt"], AES_KEY, APP_ID).decode()


def test_a_reply_takes_the_form_of_its_push(configure: Configure) -> None:
    config = configure()
    xml = render(Text("您好"), "o-zhang", "gh_account")
    assert seal(xml, Opened({}), config) == (xml, "text/xml")

    body, mimetype = seal(xml, Opened({}, AES_KEY), config)
    assert (decrypted(xmltodict.parse(body)["xml"]), mimetype) == (xml, "text/xml")

    body, mimetype = seal(xml, Opened({}, json=True), config)
    plain = json.loads(body)
    assert isinstance(plain.pop("CreateTime"), int)
    text = {"ToUserName": "o-zhang", "FromUserName": "gh_account", "MsgType": "text", "Content": "您好"}
    assert (plain, mimetype) == (text, "application/json")

    body, _mimetype = seal(xml, Opened({}, AES_KEY, json=True), config)
    envelope = json.loads(body)
    assert isinstance(envelope["TimeStamp"], int)
    assert json.loads(decrypted(envelope))["Content"] == "您好"


def test_in_json_an_empty_field_is_a_text(configure: Configure) -> None:
    body, _mimetype = seal(render(Article("标题", "", "https://a"), "o", "gh"), Opened({}, json=True), configure())
    assert json.loads(body)["Articles"]["item"] == {
        "Title": "标题",
        "Description": "",
        "PicUrl": "",
        "Url": "https://a",
    }
