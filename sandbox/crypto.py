"""Signatures and encryption as WeChat does them, written apart from the gateway's so that each checks the other.

Source: the platform's page on message encryption: AES-256-CBC, IV = first half of the key, PKCS#7 to 32 bytes,
plaintext = 16 random bytes + 4-byte big-endian length + message + app id.
"""

import binascii
import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

BLOCK_BITS = 256


class NotOurs(Exception):
    """The text was not encrypted with this key for this account."""


def sign(*parts: str) -> str:
    """SHA-1 of the sorted and joined parts, in hexadecimal."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def encrypt(message: bytes, aes_key: str, app_id: str) -> str:
    """The message as base64 ciphertext; `aes_key` is the EncodingAESKey of 43 characters."""
    padder = PKCS7(BLOCK_BITS).padder()
    plain = secrets.token_bytes(16) + len(message).to_bytes(4, "big") + message + app_id.encode()
    encryptor = _cipher(aes_key).encryptor()
    return b64encode(encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()).decode()


def decrypt(ciphertext: str, aes_key: str, app_id: str) -> bytes:
    """The message within.

    Raises:
        NotOurs: wrong key, broken ciphertext, or made for another account.
    """
    unpadder = PKCS7(BLOCK_BITS).unpadder()
    decryptor = _cipher(aes_key).decryptor()
    try:
        padded = decryptor.update(b64decode(ciphertext, validate=True)) + decryptor.finalize()
        plain = unpadder.update(padded) + unpadder.finalize()
    except (ValueError, binascii.Error) as error:
        raise NotOurs("broken ciphertext") from error
    end = 20 + int.from_bytes(plain[16:20], "big")
    if len(plain) < 20 or not hmac.compare_digest(plain[end:], app_id.encode()):
        raise NotOurs("made for another account")
    return plain[20:end]


def _cipher(aes_key: str) -> Cipher[CBC]:
    key = b64decode(aes_key + "=")
    return Cipher(AES(key), CBC(key[:16]))
