"""Drafts, and publishing them. Publishing puts articles on the account's page and notifies nobody: it is no mass sending.

Limits (the platform's pages on drafts): 8 articles, titles of at most 32 characters, authors 16, digests 128, content
less than 20,000 characters and 1 MB. A draft disappears once it is published or sent. Since July 2025 accounts that are
personal or not verified may not publish (48001).
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from wechat_gateway.client import WechatClient

MAX_ARTICLES = 8
MAX_TITLE, MAX_AUTHOR, MAX_DIGEST, MAX_CONTENT = 32, 16, 128, 20_000  # characters
MAX_CONTENT_BYTES = 1024 * 1024
PAGE = 20  # rows a call gives at most


@dataclass(frozen=True)
class DraftArticle:
    """One article.

    Attributes:
        title: at most 32 characters.
        content: HTML without scripts; its pictures are from `media.upload_article_picture`.
        thumb_media_id: the cover, a permanent picture.
        author: at most 16 characters.
        digest: at most 128 characters; empty: WeChat takes the first 54 of the content.
        source_url: where “read the original” leads.
    """

    title: str
    content: str
    thumb_media_id: str
    author: str = ""
    digest: str = ""
    source_url: str = ""


@dataclass(frozen=True)
class Draft:
    """A draft and the seconds since the epoch at which it was last changed."""

    media_id: str
    articles: tuple[DraftArticle, ...]
    updated_at: int


class PublishState(IntEnum):
    """How far publishing is, by WeChat's own numbers."""

    PUBLISHED = 0
    PUBLISHING = 1
    REFUSED_AS_REPRINT = 2
    FAILED = 3
    REFUSED_BY_REVIEW = 4
    DELETED_BY_US = 5
    BANNED = 6


@dataclass(frozen=True)
class Publication:
    """What became of a draft that was submitted; addresses only of what is published."""

    state: PublishState
    article_id: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """Articles that are published."""

    article_id: str
    titles: tuple[str, ...]
    urls: tuple[str, ...]


def add(client: WechatClient, articles: list[DraftArticle]) -> str:
    """A new draft; its media id, for `submit`, `broadcast` and the calls below.

    Raises:
        ValueError: beyond a limit above.
        WechatError: refused (45166, 40007 no such cover, 53402) or unreachable.
    """
    if not 1 <= len(articles) <= MAX_ARTICLES:
        raise ValueError(f"a draft has 1 to {MAX_ARTICLES} articles, not {len(articles)}")
    return str(client.post("/cgi-bin/draft/add", {"articles": [_row(article) for article in articles]})["media_id"])


def get(client: WechatClient, media_id: str) -> tuple[DraftArticle, ...]:
    """The articles of a draft.

    Raises:
        WechatError: refused (40007) or unreachable.
    """
    return _articles(client.post("/cgi-bin/draft/get", {"media_id": media_id}))


def update(client: WechatClient, media_id: str, article: DraftArticle, index: int = 0) -> None:
    """Replace one article of a draft, counted from 0.

    Raises:
        ValueError: beyond a limit above.
        WechatError: refused (40007) or unreachable.
    """
    client.post("/cgi-bin/draft/update", {"media_id": media_id, "index": index, "articles": _row(article)})


def delete(client: WechatClient, media_id: str) -> None:
    """Delete a draft; it cannot be had back.

    Raises:
        WechatError: refused (40007) or unreachable.
    """
    client.post("/cgi-bin/draft/delete", {"media_id": media_id})


def count(client: WechatClient) -> int:
    """How many drafts there are.

    Raises:
        WechatError: refused or unreachable.
    """
    return int(client.get("/cgi-bin/draft/count")["total_count"])


def drafts(client: WechatClient, offset: int = 0, limit: int = PAGE) -> list[Draft]:
    """At most 20 drafts from the `offset`th on, without their content.

    Raises:
        ValueError: not 1 to 20.
        WechatError: refused or unreachable.
    """
    rows = client.post("/cgi-bin/draft/batchget", _page(offset, limit)).get("item", [])
    return [Draft(row["media_id"], _articles(row.get("content", {})), int(row.get("update_time", 0))) for row in rows]


def submit(client: WechatClient, media_id: str) -> str:
    """Start publishing a draft; its publish id. The outcome comes by the event PUBLISHJOBFINISH, or see `publication`.

    Raises:
        WechatError: refused (53500 to 53505, 48001) or unreachable.
    """
    return str(client.post("/cgi-bin/freepublish/submit", {"media_id": media_id})["publish_id"])


def publication(client: WechatClient, publish_id: str) -> Publication:
    """What became of it.

    Raises:
        ValueError: a state that is not in the platform's list.
        WechatError: refused (53502) or unreachable.
    """
    answer = client.post("/cgi-bin/freepublish/get", {"publish_id": publish_id})
    rows = (answer.get("article_detail") or {}).get("item", [])
    urls = tuple(str(row["article_url"]) for row in rows)
    return Publication(PublishState(answer["publish_status"]), str(answer.get("article_id", "")), urls)


def withdraw(client: WechatClient, article_id: str, index: int = 0) -> None:
    """Delete what is published: the article counted from 1, or all of them (0). It cannot be had back.

    Raises:
        WechatError: refused (53600 no such article) or unreachable.
    """
    client.post("/cgi-bin/freepublish/delete", {"article_id": article_id, "index": index})


def published(client: WechatClient, offset: int = 0, limit: int = PAGE) -> list[Published]:
    """At most 20 publications from the `offset`th on.

    Raises:
        ValueError: not 1 to 20.
        WechatError: refused or unreachable.
    """
    found = []
    for row in client.post("/cgi-bin/freepublish/batchget", _page(offset, limit)).get("item", []):
        items = row.get("content", {}).get("news_item", [])
        titles = tuple(str(item.get("title", "")) for item in items)
        found.append(Published(row["article_id"], titles, tuple(str(item.get("url", "")) for item in items)))
    return found


def _page(offset: int, limit: int) -> dict[str, int]:
    if offset < 0 or not 1 <= limit <= PAGE:
        raise ValueError(f"a page has 1 to {PAGE} rows, counted from 0 on")
    return {"offset": offset, "count": limit, "no_content": 1}


def _row(article: DraftArticle) -> dict[str, Any]:
    for name, text, limit in (
        ("title", article.title, MAX_TITLE),
        ("author", article.author, MAX_AUTHOR),
        ("digest", article.digest, MAX_DIGEST),
        ("content", article.content, MAX_CONTENT - 1),
    ):
        if len(text) > limit:
            raise ValueError(
                f"“{article.title[:MAX_TITLE]}”: {name} has {len(text)} characters, at most {limit} are taken"
            )
    if len(article.content.encode(errors="replace")) >= MAX_CONTENT_BYTES:
        raise ValueError(f"“{article.title}”: content has less than {MAX_CONTENT_BYTES} bytes")
    if not (article.title and article.content and article.thumb_media_id):
        raise ValueError("an article has a title, content and a cover")
    return {
        "title": article.title,
        "author": article.author,
        "digest": article.digest,
        "content": article.content,
        "content_source_url": article.source_url,
        "thumb_media_id": article.thumb_media_id,
    }


def _articles(data: dict[str, Any]) -> tuple[DraftArticle, ...]:
    return tuple(
        DraftArticle(
            title=str(row.get("title", "")),
            content=str(row.get("content", "")),
            thumb_media_id=str(row.get("thumb_media_id", "")),
            author=str(row.get("author", "")),
            digest=str(row.get("digest", "")),
            source_url=str(row.get("content_source_url", "")),
        )
        for row in data.get("news_item", [])
    )
