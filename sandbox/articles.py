"""Drafts of articles, and their publication: a job whose end is told by an event."""

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from core.clock import now
from sandbox import events
from sandbox.media import Media
from sandbox.push import Fields
from sandbox.refusal import Refusal

MAX_TITLE = 64  # characters
MAX_BODY = 20_000  # characters
MAX_ARTICLES = 8  # in one draft
PUBLISHED, PUBLISHING = 0, 1  # of publish_status

Row = dict[str, Any]


@dataclass
class Draft:
    """What is being written."""

    media_id: str
    articles: list[Row]
    at: int  # Unix seconds of the last change


@dataclass
class Publication:
    """A draft that is being published, or has been."""

    publish_id: str
    article_id: str
    articles: list[Row]
    at: int
    status: int = PUBLISHING
    gone: set[int] = field(default_factory=set)  # indexes that were deleted

    def view(self) -> list[Row]:
        """The articles as the platform lists them."""
        return [row | {"url": self.url(n), "is_deleted": n in self.gone} for n, row in enumerate(self.articles)]

    def url(self, number: int) -> str:
        """Where an article would stand."""
        return f"https://mp.weixin.qq.com/s/{self.article_id[:22]}{number or ''}"


class Articles:
    """Drafts and publications. Thread-safe."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self._drafts: dict[str, Draft] = {}
        self._publications: dict[str, Publication] = {}
        self._lock = threading.Lock()

    def add(self, rows: Any) -> str:
        """A new draft; its media id.

        Raises:
            Refusal: 44003 no articles, 45008 too many, 45003, 45002 too long, 40007 no such cover.
        """
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise Refusal(44003, "empty news data")
        if len(rows) > MAX_ARTICLES:
            raise Refusal(45008, "article size out of limit")
        for row in rows:
            self._check(row)
        draft = Draft(secrets.token_urlsafe(48), list(rows), _at())
        with self._lock:
            self._drafts[draft.media_id] = draft
        return draft.media_id

    def update(self, media_id: str, index: Any, row: Any) -> None:
        """Change one article of a draft; refusals as in `add`, and 40007 no such draft, 40114 no such article."""
        draft = self.draft(media_id)
        if not isinstance(index, int) or not 0 <= index < len(draft.articles):
            raise Refusal(40114, "invalid index value")
        if not isinstance(row, dict):
            raise Refusal(44003, "empty news data")
        self._check(row)
        with self._lock:
            draft.articles[index], draft.at = row, _at()

    def draft(self, media_id: str) -> Draft:
        """The draft; 40007 if there is none."""
        with self._lock:
            draft = self._drafts.get(media_id)
        if draft is None:
            raise Refusal(40007, "invalid media_id")
        return draft

    def drafts(self) -> list[Draft]:
        """All drafts, the latest first."""
        with self._lock:
            return sorted(self._drafts.values(), key=lambda draft: draft.at, reverse=True)

    def discard(self, media_id: str) -> None:
        """Throw a draft away; 40007 if there is none."""
        self.draft(media_id)
        with self._lock:
            self._drafts.pop(media_id, None)

    def submit(self, media_id: str) -> Publication:
        """Begin to publish a draft, which is a draft no longer.

        Raises:
            Refusal: 40007 no such draft.
        """
        draft = self.draft(media_id)
        publication = Publication(str(10**9 + secrets.randbits(30)), secrets.token_urlsafe(32), draft.articles, _at())
        with self._lock:
            self._drafts.pop(media_id, None)
            self._publications[publication.publish_id] = publication
        return publication

    def finish(self, publication: Publication) -> Fields:
        """Have it published; the event that tells so."""
        publication.status = PUBLISHED
        return events.job_done(
            "PUBLISHJOBFINISH",
            PublishEventInfo={
                "publish_id": publication.publish_id,
                "publish_status": PUBLISHED,
                "article_id": publication.article_id,
                "article_detail": details(publication),
            },
        )

    def publication(self, publish_id: str) -> Publication:
        """The job; 40007 if there is none."""
        with self._lock:
            publication = self._publications.get(publish_id)
        if publication is None:
            raise Refusal(40007, "invalid publish_id")
        return publication

    def publications(self) -> list[Publication]:
        """What is published, the latest first."""
        with self._lock:
            return [each for each in reversed(self._publications.values()) if each.status == PUBLISHED]

    def find(self, article_id: str) -> Publication:
        """The publication of an article id; 40007 if there is none."""
        found = next((each for each in self.publications() if each.article_id == article_id), None)
        if found is None:
            raise Refusal(40007, "invalid article_id")
        return found

    def withdraw(self, article_id: str, index: Any) -> None:
        """Take published articles back: number `index` counted from 1, or all (0)."""
        publication = self.find(article_id)
        numbers = set(range(len(publication.articles))) if not index else {int(index) - 1}
        with self._lock:
            publication.gone |= numbers

    def of_draft(self, media_id: str) -> list[Row]:
        """The articles of a draft, for a message."""
        return self.draft(media_id).articles

    def of_article(self, article_id: str) -> list[Row]:
        """The articles of a publication, for a message."""
        publication = self.find(article_id)
        return [row for number, row in enumerate(publication.articles) if number not in publication.gone]

    def _check(self, row: Row) -> None:
        title = row.get("title")
        if not isinstance(title, str) or not title or len(title) > MAX_TITLE:
            raise Refusal(45003, "title size out of limit")
        if len(str(row.get("content", ""))) > MAX_BODY:
            raise Refusal(45002, "content size out of limit")
        if not self._media.find(str(row.get("thumb_media_id", ""))).lasting:
            raise Refusal(40007, "invalid media_id")


def details(publication: Publication) -> Row:
    """Number and address of each article, as the event and freepublish/get give them."""
    items = [{"idx": n + 1, "article_url": publication.url(n)} for n in range(len(publication.articles))]
    return {"count": len(items), "item": items}


def _at() -> int:
    return int(now().timestamp())
