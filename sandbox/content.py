"""What the account wants to say, as the calls carry it in JSON: `{"msgtype": kind, kind: {...}}`."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sandbox.articles import Articles
from sandbox.media import Media
from sandbox.refusal import Refusal
from sandbox.reply import MAX_TEXT, NAMES, Article, Reply

MAX_ARTICLES = 1

SERVICE = frozenset(
    ("text", "image", "voice", "video", "music", "news", "mpnews", "mpnewsarticle", "msgmenu", "miniprogrampage")
)
MASS = frozenset(("text", "image", "voice", "mpvideo", "mpnews"))
"""Kinds of customer-service messages, and of mass messages and their previews."""

Body = dict[str, Any]


class Contents:
    """Reads the content of messages; what they refer to must exist."""

    def __init__(self, media: Media, articles: Articles) -> None:
        self._media = media
        self._articles = articles
        self._kinds: dict[str, Callable[[Body], Reply]] = {
            "text": _text,
            "image": lambda body: self._file("image", body),
            "voice": lambda body: self._file("voice", body),
            "video": self._video,
            "mpvideo": self._video,
            "music": self._music,
            "news": _news,
            "mpnews": lambda body: self._published(self._articles.of_draft(str(body.get("media_id", "")))),
            "mpnewsarticle": lambda body: self._published(self._articles.of_article(str(body.get("article_id", "")))),
            "msgmenu": _msgmenu,
            "miniprogrampage": self._mini_program_page,
        }

    def read(self, body: Body, kinds: frozenset[str]) -> Reply:
        """The message in a call's body.

        Raises:
            Refusal: 40008 not one of these kinds; 40007, 44003, 44004, 45002, 45008, 40035 not what it should be.
        """
        kind = body.get("msgtype")
        if kind not in kinds:
            raise Refusal(40008, "invalid message type")
        content = body.get(kind)
        if not isinstance(content, dict):
            raise Refusal(44004, "empty content")
        return self._kinds[kind](content)

    def _file(self, kind: str, body: Body) -> Reply:
        ids = body.get("media_ids")  # a mass message may carry several pictures; the first is shown
        media_id = ids[0] if isinstance(ids, list) and ids else body.get("media_id", "")
        return Reply(kind, NAMES[kind], details={"media": self._media.find(str(media_id), kind).id})

    def _video(self, body: Body) -> Reply:
        medium = self._media.find(str(body.get("media_id", "")), "video")
        return Reply("video", NAMES["video"], details={"media": medium.id, "title": str(body.get("title", ""))})

    def _music(self, body: Body) -> Reply:
        thumb = self._media.find(str(body.get("thumb_media_id", "")))
        names = {"title": "title", "description": "description", "url": "musicurl"}
        details = {key: str(body.get(name, "")) for key, name in names.items()}
        return Reply("music", NAMES["music"], details=details | {"media": thumb.id})

    def _mini_program_page(self, body: Body) -> Reply:
        details = {name: str(body.get(name, "")) for name in ("title", "appid", "pagepath")}
        if not details["appid"] or not details["pagepath"]:
            raise Refusal(40035, "invalid parameter")
        thumb = self._media.find(str(body.get("thumb_media_id", "")))
        return Reply("miniprogrampage", f"[小程序] {details['title']}", details=details | {"media": thumb.id})

    def _published(self, articles: list[Body]) -> Reply:
        shown = tuple(
            Article(
                str(each.get("title", "")),
                str(each.get("digest", "")),
                str(each.get("content_source_url", "")),
                f"/media/{each['thumb_media_id']}" if each.get("thumb_media_id") else "",
            )
            for each in articles
        )
        return Reply("news", articles=shown)


def _text(content: Body) -> Reply:
    text = str(content.get("content", ""))
    if not text:
        raise Refusal(44004, "empty content")
    if len(text.encode()) > MAX_TEXT:
        raise Refusal(45002, "content size out of limit")
    return Reply("text", text)


def _news(content: Body) -> Reply:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles or not all(isinstance(article, dict) for article in articles):
        raise Refusal(44003, "empty news data")
    if len(articles) > MAX_ARTICLES:
        raise Refusal(45008, "article size out of limit")
    names = ("title", "description", "url", "picurl")
    return Reply("news", articles=tuple(Article(*(str(row.get(name, "")) for name in names)) for row in articles))


def _msgmenu(content: Body) -> Reply:
    """Choices, shown as what WeChat makes of them: a text with a link for each that answers when it is tapped."""
    rows = content.get("list")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refusal(44004, "empty content")
    links = (
        f'<a href="weixin://bizmsgmenu?msgmenucontent={quote(str(row.get("content", "")))}'
        f'&msgmenuid={quote(str(row.get("id", "")))}">{row.get("content", "")}</a>'
        for row in rows
    )
    lines = [str(content.get("head_content", "")), *links, str(content.get("tail_content", ""))]
    return Reply("text", "\n".join(filter(None, lines)))
