"""What stands around a push: signature, time, encryption. Inside is plain XML or JSON, or the push is refused."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from core import clock
from core.settings import Settings, WechatMode
from wechat_gateway import crypto

MAX_BODY = 128 * 1024  # bytes; a text message is at most about 8 KB, in compatible mode three times that
MAX_AGE = 600  # seconds between WeChat's time stamp and our clock, either way
MAX_DEPTH = 8  # levels of fields within fields; the deepest push known, pic_photo_or_album, has five

Fields = dict[str, Any]


class Refused(Exception):
    """Not a genuine push. `status` is the HTTP answer, `reason` a counter's label; WeChat gets an empty body."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Opened:
    """The push inside, and what the reply must be like.

    Attributes:
        fields: names and values as WeChat gave them; the names are the same in XML and JSON.
        aes_key: the key that opened it, with which to close the reply; None: it came in plain text.
        json: the account's console says JSON, not XML.
    """

    fields: Fields
    aes_key: str | None = None
    json: bool = False


def verify(args: Mapping[str, str], settings: Settings) -> None:
    """Check signature and time stamp of any request to the webhook.

    Raises:
        Refused: missing or wrong signature (403), a time stamp far from now (403).
    """
    stamp = _argument(args, "timestamp")
    token = settings.wechat_token.get_secret_value()
    if not token or not crypto.signed(_argument(args, "signature"), token, stamp, _argument(args, "nonce")):
        raise Refused(403, "signature")
    if not stamp.isdecimal() or len(stamp) > 12 or abs(clock.now().timestamp() - int(stamp)) > MAX_AGE:
        raise Refused(403, "timestamp")


def fingerprint(args: Mapping[str, str], settings: Settings) -> str:
    """What tells this signed request from any other (64 hexadecimal digits), after `verify` and `open_envelope`.

    In safe mode that is msg_signature, which covers the body as well. In the others it is the signature of time and
    nonce, whatever was encrypted: with the one of an encrypted push somebody could send a plain one of his own.
    """
    name = "msg_signature" if settings.wechat_mode is WechatMode.SAFE else "signature"
    return hashlib.sha256(_argument(args, name).encode()).hexdigest()


def open_envelope(args: Mapping[str, str], body: bytes, settings: Settings) -> Opened:
    """The push within a POST's body, after `verify`. Where both forms are there, only the encrypted one counts.

    Raises:
        Refused: empty body, not XML or JSON, broken cipher text (400); plain text in safe mode, wrong
            msg_signature (403).
    """
    if not body.strip():
        raise Refused(400, "empty")
    if not _encrypted(args):
        if settings.wechat_mode is WechatMode.SAFE:
            raise Refused(403, "plaintext")
        return Opened(_fields_of(body), json=_is_json(body))
    message, aes_key = _decrypted(args, _fields_of(body).get("Encrypt"), settings)
    return Opened(_fields_of(message), aes_key, json=_is_json(body))


def _decrypted(args: Mapping[str, str], encrypted: object, settings: Settings) -> tuple[bytes, str]:
    """The message and the key it was encrypted with: the current one, or while it is being changed the previous."""
    signed = [settings.wechat_token.get_secret_value(), _argument(args, "timestamp"), _argument(args, "nonce")]
    if not isinstance(encrypted, str) or not encrypted.isascii():
        raise Refused(403, "msg_signature")
    if not crypto.signed(_argument(args, "msg_signature"), *signed, encrypted):
        raise Refused(403, "msg_signature")
    for key in (settings.wechat_encoding_aes_key, settings.wechat_previous_aes_key):
        try:
            if secret := key.get_secret_value():
                return crypto.decrypt(encrypted, secret, settings.wechat_app_id), secret
        except crypto.DecryptionError:
            continue
    raise Refused(400, "cipher")


def _encrypted(args: Mapping[str, str]) -> bool:
    return _argument(args, "encrypt_type") == "aes"


def _argument(args: Mapping[str, str], name: str) -> str:
    """An argument of the request; WeChat's are all ASCII, so one that is not stands for none at all."""
    value = args.get(name, "")
    return value if value.isascii() else ""


def _is_json(document: bytes) -> bool:
    return document.lstrip().startswith(b"{")


def _fields_of(document: bytes) -> Fields:
    """The fields of a small XML or JSON document; entities are refused by the XML parser.

    Raises:
        Refused: not such a document, or one nested too deeply (400).
    """
    form = "json" if _is_json(document) else "xml"
    try:
        if form == "json":
            fields = json.loads(document.decode(), parse_float=_finite, parse_constant=_finite)
        else:
            fields = xmltodict.parse(document, xml_attribs=False)["xml"]
    except (ExpatError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise Refused(400, form) from error
    if not isinstance(fields, dict) or not _nested_within(fields, MAX_DEPTH):
        raise Refused(400, form)
    return fields


def _finite(number: str) -> float:
    """Databases have no JSON for infinity, or for what is not a number."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _nested_within(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not inner or (levels > 0 and all(_nested_within(one, levels - 1) for one in inner))
