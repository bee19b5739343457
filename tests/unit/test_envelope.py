"""The border: what is not a genuine push is refused with a clear status, whatever it contains."""

import contextlib
import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from core.settings import Settings
from tests.pushes import AES_KEY, APP_ID, TOKEN, Push
from wechat_gateway import crypto
from wechat_gateway.envelope import Refused, fingerprint, open_envelope, verify
from wechat_gateway.inbound import parse

Configure = Callable[..., Settings]
FIELDS = {"ToUserName": "gh_account", "FromUserName": "o-zhang", "CreateTime": 1714037059, "MsgType": "text"}
any_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def refusal(push: Push, config: Settings) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        verify(push.args, config)
        parse(open_envelope(push.args, push.body, config).fields)
    return refused.value.status, refused.value.reason


def encrypted(message: bytes, aes_key: str = AES_KEY, **beside: object) -> Push:
    """A JSON push whose encrypted part is `message`, with plain fields beside it."""
    ciphertext = crypto.encrypt(message, aes_key, APP_ID)
    push = Push(json.dumps({**beside, "Encrypt": ciphertext}).encode())
    signature = crypto.signature(TOKEN, push.args["timestamp"], push.args["nonce"], ciphertext)
    push.args |= {"encrypt_type": "aes", "msg_signature": signature}
    return push


def test_a_genuine_push_is_opened(configure: Configure) -> None:
    push = Push.text("贷款")
    verify(push.args, configure())
    opened = open_envelope(push.args, push.body, configure())
    assert parse(opened.fields).inbound.content["Content"] == "贷款"
    assert (opened.aes_key, opened.json) == (None, False)


def test_json_is_opened_with_its_numbers(configure: Configure) -> None:
    push = Push(b"\n " + json.dumps(FIELDS | {"Content": "贷款", "MsgId": 23456789012345678}).encode())
    opened = open_envelope(push.args, push.body, configure())
    assert opened.json
    assert opened.fields["Content"] == "贷款"
    assert opened.fields["MsgId"] == 23456789012345678


@pytest.mark.pitfall(5)
def test_safe_mode_decrypts_also_with_the_previous_key(configure: Configure) -> None:
    old, new = AES_KEY, AES_KEY[::-1]
    config = configure(WECHAT_MODE="safe", WECHAT_ENCODING_AES_KEY=new, WECHAT_PREVIOUS_AES_KEY=old)
    for key in (old, new):
        push = Push.text("贷款", aes_key=key)
        verify(push.args, config)
        assert open_envelope(push.args, push.body, config).aes_key == key


@pytest.mark.parametrize("mode", ["compatible", "safe"])
def test_of_plain_and_encrypted_form_the_encrypted_one_counts(mode: str, configure: Configure) -> None:
    config = configure(WECHAT_MODE=mode, WECHAT_ENCODING_AES_KEY=AES_KEY)
    push = encrypted(json.dumps(FIELDS | {"Content": "真的"}).encode(), **FIELDS, Content="假的")
    opened = open_envelope(push.args, push.body, config)
    assert opened.fields["Content"] == "真的"
    assert (opened.aes_key, opened.json) == (AES_KEY, True)


def test_compatible_mode_takes_a_push_without_encryption(configure: Configure) -> None:
    config = configure(WECHAT_MODE="compatible", WECHAT_ENCODING_AES_KEY=AES_KEY)
    push = Push.text("贷款")
    assert open_envelope(push.args | {"encrypt_type": "raw"}, push.body, config).fields["Content"] == "贷款"


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


@pytest.mark.parametrize(
    "body",
    [
        b'{"MsgType": "text"',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\xff"}',
        b'{"a": ' + b"[" * 60_000,
        b'{"a": ' + b"[" * 20 + b"1" + b"]" * 20 + b"}",
    ],
    ids=["cut", "nan", "infinity", "digits", "bytes", "recursion", "depth"],
)
def test_json_that_no_database_could_hold_is_refused(body: bytes, configure: Configure) -> None:
    assert refusal(Push(body), configure()) == (400, "json")


def test_deeply_nested_xml_is_refused(configure: Configure) -> None:
    levels = 10_000
    body = b"<xml>" + b"<a>" * levels + b"x" + b"</a>" * levels + b"</xml>"
    assert refusal(Push(body), configure()) == (400, "xml")


@pytest.mark.pitfall(5)
def test_refusals_in_safe_mode(configure: Configure) -> None:
    config = configure(WECHAT_MODE="safe", WECHAT_ENCODING_AES_KEY=AES_KEY)
    assert refusal(Push.text("x"), config) == (403, "plaintext")
    assert refusal(Push.text("x", aes_key=AES_KEY, msg_token="wrong"), config) == (403, "msg_signature")
    assert refusal(Push.text("x", aes_key=AES_KEY[::-1]), config) == (400, "cipher")
    assert refusal(Push.text("x", aes_key=AES_KEY, app_id="wxother"), config) == (400, "cipher")
    assert refusal(encrypted(b"{"), config) == (400, "json")
    assert refusal(encrypted(b""), config) == (400, "xml")


@pytest.mark.parametrize("part", ["", "密文", "\ud800", ["a", "b"], 5, None])
def test_an_encrypted_part_that_is_none_is_refused(part: object, configure: Configure) -> None:
    config = configure(WECHAT_MODE="safe", WECHAT_ENCODING_AES_KEY=AES_KEY)
    push = Push(json.dumps({"Encrypt": part}).encode())
    push.args |= {"encrypt_type": "aes", "msg_signature": "0" * 40}
    assert refusal(push, config) == (403, "msg_signature")


def test_without_a_token_nothing_is_believed(configure: Configure) -> None:
    config = configure(WECHAT_APP_ID="", WECHAT_TOKEN="")
    assert refusal(Push.text("x", token=""), config) == (403, "signature")


@pytest.mark.parametrize("strange", ["签名", "\ud800", "\x00", "", "²"])
@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
def test_strange_arguments_are_refused(name: str, strange: str, configure: Configure) -> None:
    push = Push.text("x")
    push.args[name] = strange
    assert refusal(push, configure()) == (403, "signature")


def test_of_repeated_arguments_the_first_counts(configure: Configure) -> None:
    push = Push.text("x")
    genuine = push.args["signature"]
    verify(MultiDict([*push.args.items(), ("signature", "wrong")]), configure())
    with pytest.raises(Refused):
        verify(MultiDict([("signature", "wrong"), *push.args.items(), ("signature", genuine)]), configure())


def test_a_fingerprint_tells_signed_requests_apart(configure: Configure) -> None:
    one, other = encrypted(b"<xml/>"), encrypted(b"<xml></xml>")
    safe = configure(WECHAT_MODE="safe", WECHAT_ENCODING_AES_KEY=AES_KEY)
    assert fingerprint(one.args, safe) == fingerprint(dict(one.args), safe)
    assert fingerprint(one.args, safe) != fingerprint(other.args, safe)  # same time and nonce, another body
    plain, config = Push.text("x"), configure(WECHAT_MODE="compatible")
    assert fingerprint(plain.args, config) != fingerprint(plain.args | {"signature": "another"}, config)
    added = {"encrypt_type": "aes", "msg_signature": "added by a stranger"}
    assert fingerprint(plain.args, config) == fingerprint(plain.args | added, config)
    assert len(fingerprint({"signature": "签名"}, config)) == 64


@any_fixture
@given(body=st.binary(max_size=500))
def test_no_body_does_anything_but_be_refused(configure: Configure, body: bytes) -> None:
    assert refusal(Push(body), Settings())[0] == 400


_names = st.sampled_from(["MsgType", "FromUserName", "ToUserName", "Event", "MsgId", "Encrypt", "List", "a"])
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_values = st.recursive(_scalars, lambda inner: st.lists(inner) | st.dictionaries(_names, inner), max_leaves=10)
_pieces = [f"<{name}>" for name in ("xml", "MsgType", "List")] + [f"</{name}>" for name in ("xml", "MsgType", "List")]
_xmlish = st.lists(st.sampled_from([*_pieces, "<![CDATA[", "]]>", "&lt;", "<!--", "<?x", "text", "\x01"]), max_size=20)
_bodies = st.one_of(
    st.dictionaries(_names, _values).map(lambda fields: json.dumps(fields).encode()),
    st.text(max_size=100).map(lambda rest: ("{" + rest).encode(errors="surrogatepass")),
    _xmlish.map(lambda pieces: ("<xml>" + "".join(pieces) + "</xml>").encode()),
)


@any_fixture
@given(body=_bodies, encrypt=st.booleans())
def test_whatever_looks_like_a_push_is_parsed_or_refused(configure: Configure, body: bytes, encrypt: bool) -> None:
    config = configure(WECHAT_MODE="compatible", WECHAT_ENCODING_AES_KEY=AES_KEY)
    push = encrypted(body) if encrypt else Push(body)
    with contextlib.suppress(Refused):
        verify(push.args, config)
        parse(open_envelope(push.args, push.body, config).fields)
