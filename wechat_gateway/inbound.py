"""From a push's fields to an Inbound message: who sent it, its kind, and how to tell it from any other."""

import hashlib
import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from conversations.inbox import Inbound
from wechat_gateway.envelope import Fields, Refused

MAX_NAME = 64  # characters of an openid, an account, a field's name
MAX_KIND = 32  # characters; longer names of kinds are cut, here and where handlers register
MAX_VALUE = 4000  # characters kept of one field; WeChat's own limit for a text is about 600
MAX_ENTRIES = 50  # of a list, or fields of one level
MAX_CONTENT = 60_000  # bytes of JSON, so that a row stays below 64 KB

ADDRESSES = {"FromUserName", "ToUserName", "OpenID"}  # kept with the follower, not with each message
# What tells two events of one second apart besides their sender and key: the job or the consents they report.
DETAILS = ("MsgID", "MsgId", "PublishEventInfo", "List")
# Around the list of consents; the platform's own example of change_event has the wrapper of popup_event.
WRAPPERS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")


_NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no place for


@dataclass(frozen=True)
class Push:
    """One push: whom it concerns, and the message to be stored."""

    account: str  # ToUserName: our own account, which the reply names as its sender
    inbound: Inbound


def parse(fields: Fields) -> Push:
    """The push with these fields; values are cut to bounded size, never refused for it.

    Raises:
        Refused: not a WeChat push: no sender, receiver or kind (400).
    """
    fields = _tidy(fields)
    kind = text_of(fields, "MsgType").lower()
    if kind == "event":
        kind = f"event:{text_of(fields, 'Event').lower()}"
    openid, account = _sender(fields, kind), text_of(fields, "ToUserName")
    if not kind or not _is_address(openid) or not _is_address(account):
        raise Refused(400, "fields")
    if kind.startswith("event:subscribe_msg_"):
        fields = _with_consents(fields)
    return Push(account, Inbound(openid, _dedup_key(fields, kind, openid), kind[:MAX_KIND], _content(fields)))


def legible(text: str) -> str:
    """The text without control characters and halves of characters, which neither XML nor a database can hold."""
    return _NO_TEXT.sub("", text)


def text_of(fields: Fields, name: str) -> str:
    """A field as text without blanks around it; "" for what is missing or no text. Numbers come from JSON."""
    value = fields.get(name)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def fields_in(fields: Fields, name: str) -> Fields:
    """The fields within a field; {} where there are none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A list always: WeChat sends a single entry without one, and none as nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _sender(fields: Fields, kind: str) -> str:
    """Changes of an authorisation are sent by a service of the platform; the person stands in a field of their own."""
    if kind.startswith(("event:user_info_", "event:user_authorization_")):
        return text_of(fields, "OpenID") or text_of(fields, "FromUserName")
    return text_of(fields, "FromUserName")


def _is_address(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and name.isascii() and name.isprintable()


def _with_consents(fields: Fields) -> Fields:
    """The event with `List` as a list of its consents, whichever wrapper it came in."""
    holders = (fields, *(fields_in(fields, name) for name in WRAPPERS))
    consents = [entry for holder in holders for entry in as_list(holder.get("List")) if isinstance(entry, dict)]
    return {name: value for name, value in fields.items() if name not in WRAPPERS} | {"List": consents}


def _dedup_key(fields: Fields, kind: str, openid: str) -> str:
    """Messages have a MsgId. Events have none, only the id of the job they report: sender, time and key count too."""
    message_id = text_of(fields, "MsgId")
    if message_id and not kind.startswith("event:"):
        parts = ["message", message_id]
    else:
        details = {name: fields.get(name) for name in DETAILS} if kind.startswith("event:") else fields
        moment = [text_of(fields, "CreateTime"), text_of(fields, "EventKey")]
        parts = ["event", openid, kind, *moment, json.dumps(details, sort_keys=True)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _content(fields: Fields) -> Fields:
    """What is stored: the fields in their order as long as there is room."""
    content = {name: value for name, value in fields.items() if name not in ADDRESSES}
    if len(json.dumps(content)) <= MAX_CONTENT:
        return content
    kept, room = {}, MAX_CONTENT
    for name, value in content.items():
        size = len(json.dumps({name: value}))
        if size <= room:
            kept[name] = value
            room -= size
    return kept


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return legible(value)[:MAX_VALUE]
    if isinstance(value, dict):
        return {legible(name)[:MAX_NAME]: _tidy(inner) for name, inner in islice(value.items(), MAX_ENTRIES)}
    return [_tidy(inner) for inner in value[:MAX_ENTRIES]] if isinstance(value, list) else value
