"""Pictures, voices and thumbnails: temporary ones, which WeChat keeps for three days, and permanent ones.

Limits (the platform's pages on media): image 10 MB (PNG, JPEG, GIF), voice 2 MB and 60 s (AMR, MP3), thumbnail 64 KB
(JPEG); a picture in the text of an article 1 MB (PNG, JPEG); 100,000 permanent pictures.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

from wechat_gateway.client import File, WechatClient, is_json

MB = 1024 * 1024


class MediaType(StrEnum):
    """What is uploaded for a while."""

    IMAGE = "image"
    VOICE = "voice"
    THUMB = "thumb"


@dataclass(frozen=True)
class Media:
    """A file from WeChat."""

    content: bytes
    content_type: str


@dataclass(frozen=True)
class Picture:
    """A permanent picture: its id for messages and drafts, its address for the text of articles."""

    media_id: str
    url: str


# How each format begins, its file name and content type; WeChat goes by the name's ending.
_FORMATS = (
    (b"\xff\xd8\xff", "image.jpg", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image.png", "image/png"),
    (b"GIF8", "image.gif", "image/gif"),
    (b"#!AMR", "voice.amr", "audio/amr"),
    (b"ID3", "voice.mp3", "audio/mpeg"),
    (b"\xff\xfb", "voice.mp3", "audio/mpeg"),
    (b"\xff\xf3", "voice.mp3", "audio/mpeg"),
    (b"\xff\xf2", "voice.mp3", "audio/mpeg"),
)
_PICTURES = ("image/jpeg", "image/png", "image/gif")
_LIMITS = {
    MediaType.IMAGE: (10 * MB, _PICTURES),
    MediaType.VOICE: (2 * MB, ("audio/amr", "audio/mpeg")),
    MediaType.THUMB: (64 * 1024, ("image/jpeg",)),
}
ARTICLE_PICTURE = (1 * MB, ("image/jpeg", "image/png"))


def upload(client: WechatClient, media_type: MediaType, content: bytes) -> str:
    """Upload a file for three days; its media id, which may be used any number of times.

    Raises:
        ValueError: too large, or not of a format that WeChat takes for this type.
        WechatError: refused or unreachable.
    """
    answer = client.upload("/cgi-bin/media/upload", _file(content, *_LIMITS[media_type]), {"type": media_type})
    return str(answer.get("media_id") or answer["thumb_media_id"])


def download(client: WechatClient, media_id: str) -> Media:
    """A temporary file: one that a follower sent less than three days ago, or one of ours. A voice is AMR, 8 kHz.

    Raises:
        WechatError: refused (40007 expired or unknown), unreachable, or larger than 20 MB (45001).
    """
    content, content_type = client.download("/cgi-bin/media/get", {"media_id": media_id})
    if address := _video_url(content, content_type):
        return Media(client.public_file(address), "video/mp4")
    return Media(content, content_type)


def upload_permanent_image(client: WechatClient, content: bytes) -> Picture:
    """Upload a picture for good: for mass sendings, and as the cover of drafts.

    Raises:
        ValueError: more than 10 MB, or not PNG, JPEG or GIF.
        WechatError: refused or unreachable.
    """
    file = _file(content, *_LIMITS[MediaType.IMAGE])
    answer = client.upload("/cgi-bin/material/add_material", file, {"type": "image"})
    return Picture(str(answer["media_id"]), str(answer.get("url", "")))


def upload_article_picture(client: WechatClient, content: bytes) -> str:
    """Upload a picture for the text of articles; its address. Pictures from elsewhere are dropped by WeChat.

    Raises:
        ValueError: more than 1 MB, or not PNG or JPEG.
        WechatError: refused or unreachable.
    """
    return str(client.upload("/cgi-bin/media/uploadimg", _file(content, *ARTICLE_PICTURE))["url"])


def _file(content: bytes, limit: int, formats: tuple[str, ...]) -> File:
    if len(content) > limit:
        raise ValueError(f"the file has {len(content)} bytes; at most {limit} are taken")
    for start, name, content_type in _FORMATS:
        if content.startswith(start) and content_type in formats:
            return File(name, content, content_type)
    raise ValueError(f"the file is none of {', '.join(formats)}")


def _video_url(content: bytes, content_type: str) -> str | None:
    """WeChat does not send a video itself but says in JSON where it is."""
    if not is_json(content, content_type):
        return None
    address = json.loads(content, strict=False).get("video_url")
    return address if isinstance(address, str) and address.startswith(("https://", "http://")) else None
