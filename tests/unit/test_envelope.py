"""The border: what is not a genuine push is refused with a clear status, whatever it contains."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.settings import Settings
from tests.pushes import AES_KEY, Push
from wechat_gateway.envelope import Refused, open_envelope, verify
from wechat_gateway.inbound import parse

Configure = Callable[..., Settings]


def refusal(push: Push, config: Settings) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        verify(push.args, config)
        parse(open_envelope(push.args, push.body, config).xml)
    return refused.value.status, refused.value.reason


def test_a_genuine_push_is_opened(configure: Configure) -> None:
    push = Push.text("贷款")
    verify(push.args, configure())
    assert parse(open_envelope(push.args, push.body, configure()).xml).inbound.content["Content"] == "贷款"


def test_safe_mode_decrypts_also_with_the_previous_key(configure: Configure) -> None:
    old, new = AES_KEY, AES_KEY[::-1]
    config = configure(WECHAT_MODE="safe", WECHAT_ENCODING_AES_KEY=new, WECHAT_PREVIOUS_AES_KEY=old)
    for key in (old, new):
        push = Push.text("贷款", aes_key=key)
        verify(push.args, config)
        assert open_envelope(push.args, push.body, config).aes_key == key


def test_refusals_in_plain_mode(configure: Configure) -> None:
    config = configure()
    assert refusal(Push.text("x", token="wrong"), config) == (403, "signature")
    assert refusal(Push.text("x", age=3600), config) == (403, "timestamp")
    assert refusal(Push(b"  "), config) == (400, "empty")
    assert refusal(Push(b"<xml><a></xml>"), config) == (400, "xml")
    assert refusal(Push(b"[1, 2]"), config) == (400, "xml")
    assert refusal(Push(b"<xml>only text</xml>"), config) == (400, "xml")
    assert refusal(Push(b"<xml><MsgType>text</MsgType></xml>"), config) == (400, "fields")
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>'
    assert refusal(Push(bomb), config) == (400, "xml")


def test_refusals_in_safe_mode(configure: Configure) -> None:
    config = configure(WECHAT_MODE="safe", WECHAT_ENCODING_AES_KEY=AES_KEY)
    assert refusal(Push.text("x"), config) == (403, "plaintext")
    assert refusal(Push.text("x", aes_key=AES_KEY, msg_token="wrong"), config) == (403, "msg_signature")
    assert refusal(Push.text("x", aes_key=AES_KEY[::-1]), config) == (400, "cipher")
    assert refusal(Push.text("x", aes_key=AES_KEY, app_id="wxother"), config) == (400, "cipher")


def test_without_a_token_nothing_is_believed(configure: Configure) -> None:
    config = configure(WECHAT_APP_ID="", WECHAT_TOKEN="")
    assert refusal(Push.text("x", token=""), config) == (403, "signature")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=500))
def test_no_body_does_anything_but_be_refused(configure: Configure, body: bytes) -> None:
    assert refusal(Push(body), Settings())[0] == 400
