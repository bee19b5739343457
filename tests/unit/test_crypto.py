"""Signatures and encryption: the official example, random messages, damaged ones."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechat_gateway import crypto

KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
APP = "wx0123456789abcdef"


def test_signature_of_the_platforms_example() -> None:
    assert crypto.signature("AAAAA", "1714037059", "486452656").startswith("899cf89e")
    assert crypto.signature("AAAAA", "1714037059", "486452656").endswith("aa78")


@given(st.binary(max_size=3000))
def test_what_is_encrypted_can_be_decrypted(message: bytes) -> None:
    assert crypto.decrypt(crypto.encrypt(message, KEY, APP), KEY, APP) == message


@given(st.binary(max_size=200))
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt(base64.b64encode(garbage).decode(), KEY, APP)


@given(st.text(max_size=200))
def test_text_that_is_no_base64_is_refused(garbage: str) -> None:
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt(garbage, KEY, APP)


def test_another_key_or_account_is_refused() -> None:
    encrypted = crypto.encrypt(b"<xml/>", KEY, APP)
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt(encrypted, KEY[::-1], APP)
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt(encrypted, KEY, "wxother")


@given(st.binary(max_size=200), st.integers(0), st.integers(1, 255))
def test_a_changed_byte_never_gives_another_message(message: bytes, place: int, change: int) -> None:
    """msg_signature guards the whole; here at least the account's id, the length and the padding have to fit."""
    damaged = bytearray(base64.b64decode(crypto.encrypt(message, KEY, APP)))
    damaged[-1 - place % 16] ^= change  # the last block: end of the account's id, and the padding
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt(base64.b64encode(damaged).decode(), KEY, APP)
