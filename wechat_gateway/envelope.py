"""What stands around a push: signature, time, encryption. Inside is plain XML, or the push is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

import xmltodict

from core import clock
from core.settings import Settings, WechatMode
from wechat_gateway import crypto

MAX_BODY = 128 * 1024  # bytes; a text message is at most about 8 KB, in compatible mode three times that
MAX_AGE = 600  # seconds between WeChat's time stamp and our clock, either way


class Refused(Exception):
    """Not a genuine push. `status` is the HTTP answer, `reason` a counter's label; WeChat gets an empty body."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Opened:
    """The push inside, and the key that opened it (None: it came in plain text), with which to close the reply."""

    xml: bytes
    aes_key: str | None = None


def verify(args: Mapping[str, str], settings: Settings) -> None:
    """Check signature and time stamp of any request to the webhook.

    Raises:
        Refused: missing or wrong signature (403), a time stamp far from now (403).
    """
    stamp = args.get("timestamp", "")
    token = settings.wechat_token.get_secret_value()
    if not token or not crypto.signed(args.get("signature", ""), token, stamp, args.get("nonce", "")):
        raise Refused(403, "signature")
    if not stamp.isdecimal() or len(stamp) > 12 or abs(clock.now().timestamp() - int(stamp)) > MAX_AGE:
        raise Refused(403, "timestamp")


def open_envelope(args: Mapping[str, str], body: bytes, settings: Settings) -> Opened:
    """The push within a POST's body, after `verify`.

    Raises:
        Refused: empty body (400), plain text in safe mode (403), wrong msg_signature (403), broken cipher text (400).
    """
    if not body.strip():
        raise Refused(400, "empty")
    if args.get("encrypt_type", "raw") != "aes":
        if settings.wechat_mode is WechatMode.SAFE:
            raise Refused(403, "plaintext")
        return Opened(body)
    encrypted = str(fields_of(body).get("Encrypt") or "")
    parts = (settings.wechat_token.get_secret_value(), args.get("timestamp", ""), args.get("nonce", ""), encrypted)
    if not encrypted or not crypto.signed(args.get("msg_signature", ""), *parts):
        raise Refused(403, "msg_signature")
    for key in (settings.wechat_encoding_aes_key, settings.wechat_previous_aes_key):
        try:
            if secret := key.get_secret_value():
                return Opened(crypto.decrypt(encrypted, secret, settings.wechat_app_id), secret)
        except crypto.DecryptionError:
            continue
    raise Refused(400, "cipher")


def fields_of(xml: bytes) -> dict[str, object]:
    """The elements below the root of a small XML document; entities are refused by the parser.

    Raises:
        Refused: not such a document (400).
    """
    try:
        root = xmltodict.parse(xml)["xml"]
    except (ExpatError, KeyError, ValueError, TypeError) as error:
        raise Refused(400, "xml") from error
    if not isinstance(root, dict):
        raise Refused(400, "xml")
    return root
