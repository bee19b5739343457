"""The body of the webhook's answer: the passive reply, read as strictly as WeChat reads it."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from core.security import same
from core.settings import Settings, WechatMode
from sandbox import crypto
from sandbox.push import ACCOUNT

MAX_TEXT = 2048  # bytes; the platform refuses longer ones
QUIET = (b"", b"success")
NAMES = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "music": "[音乐]"}


@dataclass(frozen=True)
class Article:
    """One card: where a tap leads, and what stands on it."""

    title: str
    description: str
    url: str
    picture: str


@dataclass(frozen=True)
class Reply:
    """What the account says: `content` of a text (or what stands for a picture), or `articles` of a news message."""

    type: str
    content: str = ""
    articles: tuple[Article, ...] = ()


class BadReply(Exception):
    """WeChat would show the follower that the account is out of order."""


def read(body: bytes, openid: str, most_articles: int, settings: Settings) -> Reply | None:
    """The reply in an answer's body; None where there is nothing to show.

    Raises:
        BadReply: no reply WeChat accepts; the message says why.
    """
    if body.strip() in QUIET:
        return None
    root = _parse(body)
    if root.find("Encrypt") is not None:
        root = _parse(_open(root, settings))
    elif settings.wechat_mode is WechatMode.SAFE:
        raise BadReply("plain text in safe mode")
    if _text(root, "ToUserName") != openid or _text(root, "FromUserName") != ACCOUNT:
        raise BadReply("ToUserName or FromUserName is not this follower or this account")
    if not _text(root, "CreateTime").isdecimal():
        raise BadReply("CreateTime is missing")
    return _reply(root, most_articles)


def _reply(root: Element, most_articles: int) -> Reply:
    match kind := _text(root, "MsgType"):
        case "text":
            content = _text(root, "Content")
            if not content.strip() or len(content.encode()) > MAX_TEXT:
                raise BadReply(f"text of {len(content.encode())} bytes")
            return Reply(kind, content)
        case "news":
            return Reply(kind, articles=_articles(root, most_articles))
        case "image" | "voice" | "video" | "music":
            if root.find(kind.capitalize()) is None:
                raise BadReply(f"{kind} without its element")
            return Reply(kind, NAMES[kind])
        case "transfer_customer_service":
            return Reply(kind)
    raise BadReply(f"unknown MsgType {kind}")


def _articles(root: Element, most: int) -> tuple[Article, ...]:
    items = root.findall("Articles/item")
    if not items or _text(root, "ArticleCount") != str(len(items)):
        raise BadReply("ArticleCount does not fit the articles")
    # WeChat cuts what is too many instead of refusing it.
    return tuple(
        Article(*(_text(item, name) for name in ("Title", "Description", "Url", "PicUrl"))) for item in items[:most]
    )


def _open(root: Element, settings: Settings) -> bytes:
    stamp, nonce, ciphertext = (_text(root, name) for name in ("TimeStamp", "Nonce", "Encrypt"))
    expected = crypto.sign(settings.wechat_token.get_secret_value(), stamp, nonce, ciphertext)
    if not same(_text(root, "MsgSignature"), expected):
        raise BadReply("wrong MsgSignature")
    keys = (settings.wechat_encoding_aes_key, settings.wechat_previous_aes_key)
    for key in filter(None, (key.get_secret_value() for key in keys)):
        try:
            return crypto.decrypt(ciphertext, key, settings.wechat_app_id)
        except crypto.NotOurs:
            continue
    raise BadReply("cannot be decrypted")


def _text(element: Element, name: str) -> str:
    return element.findtext(name) or ""


def _parse(xml: bytes) -> Element:
    if re.search(rb"<!(DOCTYPE|ENTITY)", xml):
        raise BadReply("a document type has no place in a reply")
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314  without a document type there are no entities to expand
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise BadReply("not the XML of a reply") from error
    if root.tag != "xml":
        raise BadReply("not the XML of a reply")
    return root
