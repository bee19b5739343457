"""What WeChat pushes to the webhook: one builder for each kind of message or event, and the signed envelope.

Field names and order as in the platform's pages "Receiving standard messages" and "Receiving event messages".
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from core.settings import Settings, WechatMode
from sandbox import crypto

ACCOUNT = "gh_tongqisandbox"  # the account's original id: ToUserName of pushes, FromUserName of replies

Fields = dict[str, str | int]

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no place for


def text(content: str, menu_id: str = "") -> Fields:
    """A text; `menu_id` where it came from a tapped msgmenu choice."""
    fields: Fields = {"MsgType": "text", "Content": content}
    return fields | {"bizmsgmenuid": menu_id} if menu_id else fields


def image(picture_url: str) -> Fields:
    """A picture; the media id is fresh."""
    return {"MsgType": "image", "PicUrl": picture_url, "MediaId": secrets.token_urlsafe(32)}


def voice(recognition: str = "") -> Fields:
    """A voice message; WeChat leaves `Recognition` empty more and more often."""
    return {"MsgType": "voice", "MediaId": secrets.token_urlsafe(32), "Format": "amr", "Recognition": recognition}


def location(latitude: float, longitude: float, label: str, scale: int = 16) -> Fields:
    """A place; degrees, and the map's zoom level."""
    point = {"Location_X": f"{latitude:.6f}", "Location_Y": f"{longitude:.6f}"}
    return {"MsgType": "location", **point, "Scale": scale, "Label": label}


def link(title: str, description: str, url: str) -> Fields:
    """A forwarded article."""
    return {"MsgType": "link", "Title": title, "Description": description, "Url": url}


def event(name: str, key: str) -> Fields:
    """An event: subscribe, unsubscribe, CLICK (key: the button's), VIEW (key: the address), SCAN (key: the scene)."""
    return {"MsgType": "event", "Event": name, "EventKey": key}


def addressed(fields: Fields, openid: str, at: datetime) -> Fields:
    """The push with sender, receiver and time (Unix seconds); a message also gets a random 64-bit id, an event none."""
    head: Fields = {"ToUserName": ACCOUNT, "FromUserName": openid, "CreateTime": int(at.timestamp())}
    tail: Fields = {} if fields["MsgType"] == "event" else {"MsgId": secrets.randbits(62) + (1 << 62)}
    return head | fields | tail


def to_xml(fields: Fields) -> str:
    """The fields as WeChat writes them: numbers bare, strings in CDATA, without the control characters XML forbids."""
    return f"<xml>{''.join(_element(name, value) for name, value in fields.items())}</xml>"


@dataclass(frozen=True)
class Envelope:
    """One POST to the webhook."""

    query: dict[str, str]
    body: str


def seal(fields: Fields, openid: str, at: datetime, settings: Settings) -> Envelope:
    """Sign the push, and encrypt it in compatible mode (beside the plain text) and in safe mode (instead of it)."""
    token = settings.wechat_token.get_secret_value()
    stamp, nonce = str(int(at.timestamp())), str(secrets.randbelow(10**9))
    signature = crypto.sign(token, stamp, nonce)
    query = {"signature": signature, "timestamp": stamp, "nonce": nonce, "openid": openid}
    if settings.wechat_mode is WechatMode.PLAIN:
        return Envelope(query, to_xml(fields))
    key = settings.wechat_encoding_aes_key.get_secret_value()
    ciphertext = crypto.encrypt(to_xml(fields).encode(), key, settings.wechat_app_id)
    query |= {"encrypt_type": "aes", "msg_signature": crypto.sign(token, stamp, nonce, ciphertext)}
    shown: Fields = fields if settings.wechat_mode is WechatMode.COMPATIBLE else {"ToUserName": ACCOUNT}
    return Envelope(query, to_xml(shown | {"Encrypt": ciphertext}))


def _element(name: str, value: str | int) -> str:
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    safe = _FORBIDDEN.sub("", value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{safe}]]></{name}>"
