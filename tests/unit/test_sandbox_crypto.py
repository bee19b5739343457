import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import crypto
from wechat_gateway import crypto as gateway

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"


def test_the_platforms_own_example_of_a_signature() -> None:
    signature = crypto.sign("AAAAA", "1714037059", "486452656")
    assert signature.startswith("899cf89e")
    assert signature.endswith("aa78")


@given(st.binary(max_size=300), st.text(max_size=40))
def test_what_was_encrypted_can_be_decrypted(message: bytes, app_id: str) -> None:
    assert crypto.decrypt(crypto.encrypt(message, KEY, app_id), KEY, app_id) == message


@given(st.binary(min_size=1, max_size=100))
def test_another_key_or_account_cannot_read_it(message: bytes) -> None:
    ciphertext = crypto.encrypt(message, KEY, "wx1")
    with pytest.raises(crypto.NotOurs):
        crypto.decrypt(ciphertext, KEY, "wx2")
    with pytest.raises(crypto.NotOurs):
        crypto.decrypt(ciphertext, OTHER_KEY, "wx1")


@given(st.text(max_size=80))
def test_rubbish_is_refused(ciphertext: str) -> None:
    with pytest.raises(crypto.NotOurs):
        crypto.decrypt(ciphertext, KEY, "wx1")


@given(st.binary(max_size=100))
def test_the_gateways_own_implementation_agrees(message: bytes) -> None:
    assert gateway.decrypt(crypto.encrypt(message, KEY, "wx1"), KEY, "wx1") == message
    assert crypto.decrypt(gateway.encrypt(message, KEY, "wx1"), KEY, "wx1") == message
    assert gateway.signature("t", "1", "n") == crypto.sign("t", "1", "n")
