"""Drafts (cgi-bin/draft/...) and their publication (cgi-bin/freepublish/...), which ends in an event."""

from typing import Any

from sandbox.articles import PUBLISHED, Draft, Publication, details
from sandbox.wechat_api import Answer, Api, items, ok


def register(api: Api) -> None:
    """Enter the calls."""
    articles = api.wechat.articles

    @api.call("draft/add")
    def add(body: dict[str, Any]) -> Answer:
        return {"media_id": articles.add(body.get("articles"))}

    @api.call("draft/get")
    def get(body: dict[str, Any]) -> Answer:
        return {"news_item": articles.draft(str(body.get("media_id"))).articles}

    @api.call("draft/update")
    def update(body: dict[str, Any]) -> Answer:
        articles.update(str(body.get("media_id")), body.get("index"), body.get("articles"))
        return ok()

    @api.call("draft/delete")
    def delete(body: dict[str, Any]) -> Answer:
        articles.discard(str(body.get("media_id")))
        return ok()

    @api.call("draft/count", "GET")
    def count(_query: dict[str, Any]) -> Answer:
        return {"total_count": len(articles.drafts())}

    @api.call("draft/batchget")
    def page(body: dict[str, Any]) -> Answer:
        return items(body, [_draft(draft, body.get("no_content") == 1) for draft in articles.drafts()])

    @api.call("freepublish/submit")
    def submit(body: dict[str, Any]) -> Answer:
        publication = articles.submit(str(body.get("media_id")))
        api.wechat.job(lambda: articles.finish(publication))
        return ok(publish_id=publication.publish_id, msg_data_id=int(publication.publish_id) % 10**9)

    @api.call("freepublish/get")
    def status(body: dict[str, Any]) -> Answer:
        publication = articles.publication(str(body.get("publish_id")))
        answer = {"publish_id": publication.publish_id, "publish_status": publication.status, "fail_idx": []}
        if publication.status == PUBLISHED:
            answer |= {"article_id": publication.article_id, "article_detail": details(publication)}
        return answer

    @api.call("freepublish/delete")
    def withdraw(body: dict[str, Any]) -> Answer:
        articles.withdraw(str(body.get("article_id")), body.get("index", 0))
        return ok()

    @api.call("freepublish/getarticle")
    def article(body: dict[str, Any]) -> Answer:
        return {"news_item": articles.find(str(body.get("article_id"))).view()}

    @api.call("freepublish/batchget")
    def published(body: dict[str, Any]) -> Answer:
        return items(body, [_publication(each) for each in articles.publications()])


def _draft(draft: Draft, bare: bool) -> Answer:
    rows = [{name: value for name, value in row.items() if name != "content" or not bare} for row in draft.articles]
    return {"media_id": draft.media_id, "content": {"news_item": rows}, "update_time": draft.at}


def _publication(publication: Publication) -> Answer:
    content = {"news_item": publication.view()}
    return {"article_id": publication.article_id, "content": content, "update_time": publication.at}
