"""The stand-in and the gateway check each other: what one writes the other reads, in every form and mode."""

from collections.abc import Callable

import pytest

from core.clock import now
from core.settings import Settings
from sandbox import envelope, events, push
from sandbox.reply import Article, Reader, Reply
from wechat_gateway import envelope as gateway
from wechat_gateway import message, replies
from wechat_gateway.inbound import parse

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
MESSAGES = {
    "text": push.text("您好 ]]> <b>&", menu_id="loan_info"),
    "image": push.image("http://a/1", "m1"),
    "voice": push.voice("m1", "怎么贷款"),
    "video": push.video("m1", "m2"),
    "file": push.file("执照.pdf", 7, "0" * 32),
    "location": push.location(39.9, 116.6, "通州"),
    "link": push.link("通知", "", "https://a.gov.cn"),
    "miniprogrampage": push.mini_program_page("预约", "wx1", "p", "http://a/1", "m1"),
} | {name: events.build(name, "key") for name in events.KINDS}
REPLIES = [
    (message.Text("您好 ]] <b>&"), Reply("text", "您好 ]] <b>&")),
    (
        message.Article("细则", "贴息", "https://a.gov.cn"),
        Reply("news", articles=(Article("细则", "贴息", "https://a.gov.cn", ""),)),
    ),
    (message.Image("m1"), Reply("image", "[图片]", details={"media": "m1", "title": ""})),
    (message.Transfer(), Reply("transfer_customer_service")),
    (message.Transfer("desk1@gh"), Reply("transfer_customer_service", agent="desk1@gh")),
]


@pytest.fixture(params=["plain", "compatible", "safe"])
def settings(request: pytest.FixtureRequest, configure: Callable[..., Settings]) -> Settings:
    return configure(WECHAT_MODE=request.param, WECHAT_ENCODING_AES_KEY=AES_KEY)


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("name", MESSAGES)
def test_the_gateway_reads_every_push(settings: Settings, form: envelope.Format, name: str) -> None:
    fields = push.addressed(MESSAGES[name], "oAlice", now())
    sealed = envelope.seal(fields, "oAlice", now(), settings, form)
    gateway.verify(sealed.query, settings)
    opened = gateway.open_envelope(sealed.query, sealed.body.encode(), settings)
    assert opened.json is (form == "json")
    arrived = parse(opened.fields)
    assert (arrived.account, arrived.inbound.openid) == (push.ACCOUNT, "oAlice")
    kind = str(fields["MsgType"])
    assert arrived.inbound.kind == (f"event:{fields['Event'].lower()}"[:32] if kind == "event" else kind)


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(("said", "expected"), REPLIES)
def test_the_stand_in_reads_every_reply(
    settings: Settings, form: envelope.Format, said: message.Message, expected: Reply
) -> None:
    fields = push.addressed(push.text("在吗"), "oAlice", now())
    sealed = envelope.seal(fields, "oAlice", now(), settings, form)
    opened = gateway.open_envelope(sealed.query, sealed.body.encode(), settings)
    body, _mimetype = replies.seal(replies.render(said, "oAlice", push.ACCOUNT), opened, settings)
    assert Reader(settings, form).read(body.encode(), fields) == expected
