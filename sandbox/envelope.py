"""The signed, and if need be encrypted, request around a push; in XML or, where the account is set so, in JSON."""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.settings import Settings, WechatMode
from sandbox import crypto
from sandbox.push import ACCOUNT, Fields

Format = Literal["xml", "json"]
TYPES: dict[Format, str] = {"xml": "text/xml", "json": "application/json"}

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no place for


@dataclass(frozen=True)
class Envelope:
    """One POST to the webhook."""

    query: dict[str, str]
    body: str


def seal(fields: Fields, openid: str, at: datetime, settings: Settings, form: Format = "xml") -> Envelope:
    """Sign the push, and encrypt it in compatible mode (beside the plain text) and in safe mode (instead of it).

    Every call takes a new nonce of ten digits or more, so that no two tries have the same signature.
    """
    write = to_xml if form == "xml" else to_json
    token = settings.wechat_token.get_secret_value()
    stamp, nonce = str(int(at.timestamp())), str(10**9 + secrets.randbelow(10**12))
    query = {"signature": crypto.sign(token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": openid}
    if settings.wechat_mode is WechatMode.PLAIN:
        return Envelope(query, write(fields))
    key = settings.wechat_encoding_aes_key.get_secret_value()
    ciphertext = crypto.encrypt(write(fields).encode(), key, settings.wechat_app_id)
    query |= {"encrypt_type": "aes", "msg_signature": crypto.sign(token, stamp, nonce, ciphertext)}
    shown: Fields = fields if settings.wechat_mode is WechatMode.COMPATIBLE else {"ToUserName": ACCOUNT}
    return Envelope(query, write(shown | {"Encrypt": ciphertext}))


def to_xml(fields: Fields) -> str:
    """The fields as WeChat writes them: numbers bare, strings in CDATA, without the control characters XML forbids."""
    return f"<xml>{_elements(fields)}</xml>"


def to_json(fields: Fields) -> str:
    """The fields as a JSON object. What XML wraps in `SubscribeMsg…Event` stands at the top here."""
    flat: Fields = {}
    for name, value in fields.items():
        flat |= value if name.startswith("SubscribeMsg") else {name: value}
    return json.dumps(flat, ensure_ascii=False)


def _elements(fields: Fields) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    match value:
        case list():
            return "".join(_element(name, each) for each in value)
        case dict():
            return f"<{name}>{_elements(value)}</{name}>"
        case int() | float():
            return f"<{name}>{value}</{name}>"
    safe = _FORBIDDEN.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{safe}]]></{name}>"
