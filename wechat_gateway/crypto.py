"""Signatures and encryption of WeChat's pushes.

Source: the platform's page on message encryption (AES-256-CBC, IV = first half of the key, PKCS#7 to 32 bytes, plaintext
= 16 random bytes + length + message + appid). wechatpy's version checks neither padding nor in constant time.
"""

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.security import same

BLOCK = 32


class DecryptionError(Exception):
    """The ciphertext was not made with this key for this account."""


def signature(*parts: str) -> str:
    """SHA-1 of the sorted parts, in hexadecimal."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def signed(given: str, *parts: str) -> bool:
    """Whether `given` is the signature of the parts, compared in constant time."""
    return same(given, signature(*parts))


def decrypt(encrypted: str, aes_key: str, app_id: str) -> bytes:
    """The message within `encrypted` (base64).

    Raises:
        DecryptionError: wrong key, broken ciphertext, or a message for another account.
    """
    try:
        key = base64.b64decode(aes_key + "=")
        ciphertext = base64.b64decode(encrypted, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        padded = decryptor.update(ciphertext) + decryptor.finalize()
    except ValueError as error:
        raise DecryptionError("not a ciphertext") from error
    padding = padded[-1] if padded else 0
    if not 1 <= padding <= BLOCK or padded[-padding:] != bytes([padding]) * padding:
        raise DecryptionError("padding")
    body = padded[16:-padding]
    if len(body) < 4:
        raise DecryptionError("length")
    (length,) = struct.unpack(">I", body[:4])
    message, receiver = body[4 : 4 + length], body[4 + length :]
    if len(message) != length or not same(receiver.decode(errors="replace"), app_id):
        raise DecryptionError("account")
    return message


def encrypt(message: bytes, aes_key: str, app_id: str) -> str:
    """The message as base64 ciphertext for this account."""
    key = base64.b64decode(aes_key + "=")
    body = os.urandom(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    padding = BLOCK - len(body) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(body + bytes([padding]) * padding) + encryptor.finalize()).decode()
