"""The events that WeChat pushes: what each carries, with plausible values where the caller gives none.

Names and nesting as in the platform's pages on event pushes, menu events, subscription notifications and job results.
"""

import secrets
from collections.abc import Callable

from sandbox.push import Fields

SCAN_RESULT = "https://weixin.qq.com/q/sandbox"
TEMPLATE = "sandbox-template"


def event(name: str, key: str | None = None, **fields: object) -> Fields:
    """An event; `key` None: this kind has no EventKey."""
    made: Fields = {"MsgType": "event", "Event": name}
    return made | ({} if key is None else {"EventKey": key}) | fields


def build(name: str, key: str = "", given: Fields | None = None) -> Fields:
    """Any event, by its name; `given` fields replace those that are made up. An unknown one carries only these."""
    make = _KINDS.get(name)
    fields = make(key) if make else ({"EventKey": key} if key else {})
    return {**event(name), **fields, **(given or {})}


def job_done(name: str, **fields: object) -> Fields:
    """The end of a mass sending, a template message or a publication."""
    return event(name, None, **fields)


def consent(template_ids: list[str], accept: bool, scene: int = 2) -> Fields:
    """A follower has answered the question whether he wants notifications of these templates."""
    status = "accept" if accept else "reject"
    rows = [{"TemplateId": each, "SubscribeStatusString": status, "PopupScene": scene} for each in template_ids]
    return event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": _one_or_many(rows)})


def consent_withdrawn(template_ids: list[str]) -> Fields:
    """A follower has switched notifications off. The list stands in `SubscribeMsgPopupEvent`, as the platform's own
    example has it.
    """
    rows = [{"TemplateId": each, "SubscribeStatusString": "reject"} for each in template_ids]
    return event("subscribe_msg_change_event", SubscribeMsgPopupEvent={"List": _one_or_many(rows)})


def notification_sent(template_id: str, message_id: str) -> Fields:
    """A subscription notification has reached the follower."""
    row = {"TemplateId": template_id, "MsgID": message_id, "ErrorCode": 0, "ErrorStatus": "success"}
    return event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": row})


def _one_or_many(rows: list[Fields]) -> Fields | list[Fields]:
    return rows[0] if len(rows) == 1 else rows


def _pictures(key: str) -> Fields:
    item = {"PicMd5Sum": secrets.token_hex(16)}
    return {"EventKey": key, "SendPicsInfo": {"Count": 1, "PicList": {"item": item}}}


def _scanned(key: str) -> Fields:
    return {"EventKey": key, "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": SCAN_RESULT}}


def _place(key: str) -> Fields:
    place = {"Location_X": "39.904900", "Location_Y": "116.657300", "Scale": 15, "Label": "北京市通州区运河东大街"}
    return {"EventKey": key, "SendLocationInfo": place | {"Poiname": ""}}


def _keyed(key: str) -> Fields:
    return {"EventKey": key}


_KINDS: dict[str, Callable[[str], Fields]] = {
    "subscribe": _keyed,
    "unsubscribe": _keyed,
    "SCAN": _keyed,
    "CLICK": _keyed,
    "VIEW": lambda key: {"EventKey": key, "MenuId": 10001},
    "view_miniprogram": lambda key: {"EventKey": key, "MenuId": 10001},
    "LOCATION": lambda _key: {"Latitude": "39.904900", "Longitude": "116.657300", "Precision": "65.000000"},
    "scancode_push": _scanned,
    "scancode_waitmsg": _scanned,
    "pic_sysphoto": _pictures,
    "pic_photo_or_album": _pictures,
    "pic_weixin": _pictures,
    "location_select": _place,
    "TEMPLATESENDJOBFINISH": lambda _key: {"MsgID": secrets.randbits(40), "Status": "success"},
    "MASSSENDJOBFINISH": lambda _key: {
        "MsgID": secrets.randbits(40),
        "Status": "send success",
        "TotalCount": 1,
        "FilterCount": 1,
        "SentCount": 1,
        "ErrorCount": 0,
    },
    "PUBLISHJOBFINISH": lambda _key: {
        "PublishEventInfo": {"publish_id": str(secrets.randbits(40)), "publish_status": 0}
    },
    "subscribe_msg_popup_event": lambda key: _inner(consent([key or TEMPLATE], accept=True)),
    "subscribe_msg_change_event": lambda key: _inner(consent_withdrawn([key or TEMPLATE])),
    "subscribe_msg_sent_event": lambda key: _inner(notification_sent(key or TEMPLATE, str(secrets.randbits(40)))),
    "kf_create_session": lambda key: {"KfAccount": key},
    "kf_close_session": lambda key: {"KfAccount": key, "CloseType": "KF"},
    "kf_switch_session": lambda key: {"FromKfAccount": "", "ToKfAccount": key},
    "user_info_modified": lambda _key: {"OpenID": "", "AppID": "", "RevokeInfo": ""},
    "user_authorization_revoke": lambda _key: {"OpenID": "", "AppID": "", "RevokeInfo": "301"},
}
KINDS = tuple(_KINDS)


def _inner(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name not in ("MsgType", "Event")}
