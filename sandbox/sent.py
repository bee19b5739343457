"""What a follower can send, as the phone's API takes it: JSON to the push, the words and the details of his bubble."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox import push
from sandbox.media import SILENCE, Media, Medium, sample_picture
from sandbox.push import Fields

MAX_TEXT = 4000  # characters; WeChat's own box takes fewer, but the gateway must stand long ones
MAX_SHORT = 200  # characters of a name, label or title

Body = dict[str, Any]


class BadInput(Exception):
    """The request is not usable; the message says why, in Chinese."""


@dataclass(frozen=True)
class Sent:
    """A message of a follower's."""

    fields: Fields
    shown: str
    details: dict[str, Any] = field(default_factory=dict)


class Sender:
    """Makes a follower's messages. What they carry is kept as media, so that the account can fetch it."""

    def __init__(self, media: Media, address: str) -> None:
        """`address`: base URL of this sandbox, for PicUrl."""
        self._media = media
        self._address = address
        self._kinds: dict[str, Callable[[Body], Sent]] = {
            "text": _text,
            "image": self._image,
            "voice": self._voice,
            "video": self._video,
            "shortvideo": self._video,
            "file": self._file,
            "location": _location,
            "link": _link,
            "miniprogrampage": self._mini_program_page,
        }

    def make(self, body: Body) -> Sent:
        """The message that a request describes.

        Raises:
            BadInput: there is no such kind, or its fields cannot be used.
            Refusal: 40007 the media id is not known.
        """
        kind = str(body.get("type", "text"))
        if kind not in self._kinds:
            raise BadInput("不认识的消息类型")
        return self._kinds[kind](body)

    def _image(self, body: Body) -> Sent:
        medium = self._given(body, "image") or self._media.add("image", sample_picture())
        url = short(body, "url") or f"{self._address}/media/{medium.id}"
        return Sent(push.image(url, medium.id), "[图片]", {"media": medium.id})

    def _voice(self, body: Body) -> Sent:
        medium = self._given(body, "voice") or self._media.add("voice", SILENCE)
        heard = short(body, "recognition") if "recognition" in body else None
        details = {"media": medium.id, "seconds": max(1, len(heard or "") // 4), "recognition": heard or ""}
        return Sent(push.voice(medium.id, heard, medium.format), f"[语音] {heard or ''}".strip(), details)

    def _video(self, body: Body) -> Sent:
        medium = self._given(body, "video") or self._media.add("video", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
        thumb = self._media.add("image", sample_picture())
        fields = push.video(medium.id, thumb.id, short=body["type"] == "shortvideo")
        return Sent(fields, "[视频]", {"media": medium.id, "thumb": thumb.id})

    def _file(self, body: Body) -> Sent:
        title = short(body, "title", "营业执照.pdf")
        medium = self._given(body, "file") or self._media.add("file", f"sandbox {title}".encode(), title)
        digest = hashlib.md5(self._media.read(medium), usedforsecurity=False).hexdigest()
        details = {"media": medium.id, "title": title, "size": medium.size}
        return Sent(push.file(title, medium.size, digest), f"[文件] {title}", details)

    def _mini_program_page(self, body: Body) -> Sent:
        title = short(body, "title", "小程序")
        app_id, path = short(body, "appid", "wx0000000000000000"), short(body, "pagepath", "pages/index/index")
        thumb = self._media.add("image", sample_picture())
        fields = push.mini_program_page(title, app_id, path, f"{self._address}/media/{thumb.id}", thumb.id)
        details = {"title": title, "appid": app_id, "pagepath": path, "media": thumb.id}
        return Sent(fields, f"[小程序] {title}", details)

    def _given(self, body: Body, kind: str) -> Medium | None:
        media_id = short(body, "media_id")
        return self._media.find(media_id, kind) if media_id else None


def short(body: Body, name: str, default: str = "") -> str:
    """A field as a short text.

    Raises:
        BadInput: it is too long.
    """
    value = str(body.get(name) or default).strip()
    if len(value) > MAX_SHORT:
        raise BadInput(f"{name} 太长了")
    return value


def _text(body: Body) -> Sent:
    content = body.get("content")
    if not isinstance(content, str) or not content.strip():
        raise BadInput("消息是空的")
    if len(content) > MAX_TEXT:
        raise BadInput(f"消息太长了,最多 {MAX_TEXT} 个字")
    return Sent(push.text(content, short(body, "menu_id")), content)


def _location(body: Body) -> Sent:
    label = short(body, "label", "北京市通州区运河东大街")
    try:
        latitude, longitude = float(body.get("latitude", 39.9049)), float(body.get("longitude", 116.6573))
    except (TypeError, ValueError) as error:
        raise BadInput("经纬度要是数字") from error
    return Sent(push.location(latitude, longitude, label), f"[位置] {label}", {"label": label})


def _link(body: Body) -> Sent:
    title, description, url = short(body, "title"), short(body, "description"), short(body, "url")
    details = {"title": title, "description": description, "url": url}
    return Sent(push.link(title, description, url), f"[链接] {title}".strip(), details)
