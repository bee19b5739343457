"""The messages that WeChat pushes to the webhook: one builder for each kind. Events are in events.py.

Field names and order as in the platform's page "Receiving standard messages".
"""

import secrets
from datetime import datetime
from typing import Any

ACCOUNT = "gh_tongqisandbox"  # the account's original id: ToUserName of pushes, FromUserName of replies

Fields = dict[str, Any]
"""Strings and integers; a dict or a list of dicts where the platform nests."""


def text(content: str, menu_id: str = "") -> Fields:
    """A text; `menu_id` where it came from a tapped msgmenu choice."""
    fields: Fields = {"MsgType": "text", "Content": content}
    return fields | {"bizmsgmenuid": menu_id} if menu_id else fields


def image(picture_url: str, media_id: str) -> Fields:
    """A picture."""
    return {"MsgType": "image", "PicUrl": picture_url, "MediaId": media_id}


def voice(media_id: str, recognition: str | None, form: str = "amr") -> Fields:
    """A voice message; None: the account has no speech recognition, "": it has, and nothing was understood."""
    fields: Fields = {"MsgType": "voice", "MediaId": media_id, "Format": form}
    return fields if recognition is None else fields | {"Recognition": recognition}


def video(media_id: str, thumb_media_id: str, short: bool = False) -> Fields:
    """A video, or one of the short ones filmed in the chat."""
    return {"MsgType": "shortvideo" if short else "video", "MediaId": media_id, "ThumbMediaId": thumb_media_id}


def file(title: str, size: int, digest: str) -> Fields:
    """A file; it has no media id, so the account cannot fetch it. `size` in bytes, `digest` MD5 in hexadecimal."""
    key = {"FileKey": secrets.token_hex(16), "FileMd5": digest, "FileTotalLen": size}
    return {"MsgType": "file", "Title": title, "Description": "", **key}


def location(latitude: float, longitude: float, label: str, scale: int = 16) -> Fields:
    """A place; degrees, and the map's zoom level."""
    point = {"Location_X": f"{latitude:.6f}", "Location_Y": f"{longitude:.6f}"}
    return {"MsgType": "location", **point, "Scale": scale, "Label": label}


def link(title: str, description: str, url: str) -> Fields:
    """A forwarded article."""
    return {"MsgType": "link", "Title": title, "Description": description, "Url": url}


def mini_program_page(title: str, app_id: str, page_path: str, thumb_url: str, thumb_media_id: str) -> Fields:
    """A forwarded page of a mini program."""
    page: Fields = {"MsgType": "miniprogrampage", "Title": title, "AppId": app_id, "PagePath": page_path}
    return page | {"ThumbUrl": thumb_url, "ThumbMediaId": thumb_media_id}


def addressed(fields: Fields, openid: str, at: datetime) -> Fields:
    """The push with sender, receiver and time (Unix seconds); a message also gets a random 64-bit id, an event none."""
    head: Fields = {"ToUserName": ACCOUNT, "FromUserName": openid, "CreateTime": int(at.timestamp())}
    tail: Fields = {} if fields["MsgType"] == "event" else {"MsgId": secrets.randbits(62) + (1 << 62)}
    return head | fields | tail
