"""The body of the webhook's answer: the passive reply, read as strictly as WeChat reads it, in the form pushed."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from core.security import same
from core.settings import Settings, WechatMode
from sandbox import crypto
from sandbox.envelope import Format
from sandbox.media import Media
from sandbox.push import ACCOUNT, Fields
from sandbox.refusal import Refusal

MAX_TEXT = 2048  # bytes; the platform refuses longer ones
QUIET = (b"", b"success")
NAMES = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "music": "[音乐]"}
ONE_ARTICLE = {"text", "image", "voice", "video", "location"}  # kinds that are answered with at most one article


@dataclass(frozen=True)
class Article:
    """One card: where a tap leads, and what stands on it."""

    title: str
    description: str
    url: str
    picture: str


@dataclass(frozen=True)
class Reply:
    """What the account says: `content` of a text (or what stands for a picture), or `articles` of a news message.

    `details`: what the page needs besides, such as the media id; `agent`: whom a transfer names.
    """

    type: str
    content: str = ""
    articles: tuple[Article, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    agent: str = ""


class BadReply(Exception):
    """WeChat would show the follower that the account is out of order."""


@dataclass(frozen=True)
class Reader:
    """Reads replies as the account's settings want them. Without `media` any media id will do."""

    settings: Settings
    form: Format = "xml"
    media: Media | None = None

    def read(self, body: bytes, push: Fields) -> Reply | None:
        """The reply to a push in an answer's body; None where there is nothing to show.

        Raises:
            BadReply: no reply WeChat accepts; the message says why.
        """
        if body.strip() in QUIET:
            return None
        fields = self._parse(body)
        if "Encrypt" in fields:
            fields = self._parse(self._open(fields))
        elif self.settings.wechat_mode is WechatMode.SAFE:
            raise BadReply("plain text in safe mode")
        if _text(fields, "ToUserName") != push["FromUserName"] or _text(fields, "FromUserName") != ACCOUNT:
            raise BadReply("ToUserName or FromUserName is not this follower or this account")
        if not _text(fields, "CreateTime").isdecimal():
            raise BadReply("CreateTime is missing")
        return self._reply(fields, str(push["MsgType"]))

    def _reply(self, fields: Fields, pushed: str) -> Reply:
        match kind := _text(fields, "MsgType"):
            case "text":
                content = _text(fields, "Content")
                if not content.strip() or len(content.encode()) > MAX_TEXT:
                    raise BadReply(f"text of {len(content.encode())} bytes")
                return Reply(kind, content)
            case "news":
                return Reply(kind, articles=_articles(fields, 1 if pushed in ONE_ARTICLE else 8))
            case "image" | "voice" | "video":
                inner = _inner(fields, kind.capitalize())
                details = {"media": self._media(kind, _text(inner, "MediaId")), "title": _text(inner, "Title")}
                return Reply(kind, NAMES[kind], details=details)
            case "music":
                inner = _inner(fields, "Music")
                thumb = self._media("thumb", _text(inner, "ThumbMediaId"))
                names = {"title": "Title", "description": "Description", "url": "MusicUrl"}
                details = {key: _text(inner, name) for key, name in names.items()} | {"media": thumb}
                return Reply(kind, NAMES[kind], details=details)
            case "transfer_customer_service":
                if pushed == "event":
                    raise BadReply("a transfer answers a message, never an event")
                info = fields.get("TransInfo")
                return Reply(kind, agent=_text(info, "KfAccount") if isinstance(info, dict) else "")
        raise BadReply(f"unknown MsgType {kind}")

    def _media(self, kind: str, media_id: str) -> str:
        if not media_id:
            raise BadReply(f"{kind} without a media id")
        if self.media is not None:
            try:
                form = self.media.find(media_id, kind).format
            except Refusal as error:
                raise BadReply(f"{kind} of an unknown media id") from error
            if form == "gif":
                raise BadReply("a passive picture is no gif")
        return media_id

    def _open(self, fields: Fields) -> bytes:
        stamp, nonce, ciphertext = (_text(fields, name) for name in ("TimeStamp", "Nonce", "Encrypt"))
        expected = crypto.sign(self.settings.wechat_token.get_secret_value(), stamp, nonce, ciphertext)
        if not same(_text(fields, "MsgSignature"), expected):
            raise BadReply("wrong MsgSignature")
        keys = (self.settings.wechat_encoding_aes_key, self.settings.wechat_previous_aes_key)
        for key in filter(None, (key.get_secret_value() for key in keys)):
            try:
                return crypto.decrypt(ciphertext, key, self.settings.wechat_app_id)
            except crypto.NotOurs:
                continue
        raise BadReply("cannot be decrypted")

    def _parse(self, body: bytes) -> Fields:
        return _from_xml(body) if self.form == "xml" else _from_json(body)


def _from_json(body: bytes) -> Fields:
    try:
        fields = json.loads(body)
        body.decode()
    except (ValueError, RecursionError) as error:
        raise BadReply("not the JSON of a reply") from error
    if not isinstance(fields, dict):
        raise BadReply("not the JSON of a reply")
    return fields


def _from_xml(body: bytes) -> Fields:
    if re.search(rb"<!(DOCTYPE|ENTITY)", body):
        raise BadReply("a document type has no place in a reply")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  without a document type there are no entities to expand
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise BadReply("not the XML of a reply") from error
    if root.tag != "xml":
        raise BadReply("not the XML of a reply")
    return {child.tag: _value(child) for child in root}


def _value(element: Element, depth: int = 4) -> Any:
    """An element's text, or its children by name: a list where a name comes more than once."""
    if not len(element) or not depth:
        return element.text or ""
    values: dict[str, Any] = {}
    for child in element:
        value = _value(child, depth - 1)
        values[child.tag] = value if child.tag not in values else [*_many(values[child.tag]), value]
    return values


def _articles(fields: Fields, most: int) -> tuple[Article, ...]:
    listed = fields.get("Articles")
    items = _many(listed.get("item") if isinstance(listed, dict) else listed)
    if not items or not all(isinstance(item, dict) for item in items):
        raise BadReply("news without articles")
    if _text(fields, "ArticleCount") != str(len(items)):
        raise BadReply("ArticleCount does not fit the articles")
    names = ("Title", "Description", "Url", "PicUrl")
    # WeChat cuts what is too many instead of refusing it.
    return tuple(Article(*(_text(item, name) for name in names)) for item in items[:most])


def _inner(fields: Fields, name: str) -> Fields:
    inner = fields.get(name)
    if not isinstance(inner, dict):
        raise BadReply(f"{name.lower()} without its element")
    return inner


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    return str(value) if isinstance(value, str | int) else ""
