"""From the push's XML to an Inbound message: wechatpy knows the kinds, we know how to tell one from another."""

import hashlib
from dataclasses import dataclass
from typing import Any

from conversations.inbox import Inbound
from wechat_gateway.envelope import Refused, fields_of

MAX_VALUE = 4000  # characters kept of one field; WeChat's own limit for a text is about 600


@dataclass(frozen=True)
class Push:
    """One push: whom it concerns, and the message to be stored."""

    account: str  # ToUserName: our own account, which the reply names as its sender
    inbound: Inbound


def parse(xml: bytes) -> Push:
    """The push within decrypted XML.

    Raises:
        Refused: not a WeChat push (400).
    """
    fields = fields_of(xml)
    openid, account, kind = (_text(fields, name) for name in ("FromUserName", "ToUserName", "MsgType"))
    if not openid or not account or not kind or len(openid) > 64:
        raise Refused(400, "fields")
    if kind == "event":
        kind = f"event:{_text(fields, 'Event').lower()}"[:32]
    content = {name: _limited(value) for name, value in fields.items() if name not in ("FromUserName", "ToUserName")}
    return Push(account, Inbound(openid, _dedup_key(fields, openid), kind[:32], content))


def _dedup_key(fields: dict[str, object], openid: str) -> str:
    """Messages have a MsgId; events are told apart by sender, time, event and key (all events would share id 0)."""
    if message_id := _text(fields, "MsgId"):
        parts = ["message", message_id]
    else:
        parts = ["event", openid, *(_text(fields, name) for name in ("CreateTime", "Event", "EventKey"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _limited(value: Any) -> Any:
    return value[:MAX_VALUE] if isinstance(value, str) else value
