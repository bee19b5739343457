"""Temporary media (cgi-bin/media/...) and permanent material (cgi-bin/material/...). Limits are in sandbox/media.py."""

import contextlib
from collections.abc import Callable
from typing import Any

from flask import Response, request

from sandbox.media import MAX_FILE, Medium
from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api, items, ok

KINDS = ("image", "voice", "video", "thumb")
MAX_BODY = MAX_FILE + 2**16  # bytes, with what multipart adds
MAX_IN_ARTICLE = 2**20  # bytes of a picture for the text of an article
COUNTS = ("voice", "video", "image")


def register(api: Api) -> None:
    """Enter the calls."""
    media, address = api.wechat.media, api.wechat.settings.sandbox_address

    def keep(kind: str, lasting: bool) -> Medium:
        if kind not in KINDS:
            raise Refusal(40004, "invalid media type")
        content, name = _uploaded()
        return media.add(kind, content, name, lasting)

    @api.call("media/upload")
    def upload(query: dict[str, Any]) -> Answer:
        medium = keep(str(query.get("type")), lasting=False)
        name = "thumb_media_id" if medium.kind == "thumb" else "media_id"
        return {"type": medium.kind, name: medium.id, "created_at": medium.at}

    @api.call("media/get", "GET")
    def get(query: dict[str, Any]) -> Answer | Response:
        medium = media.find(str(query.get("media_id")))
        if medium.kind == "video":
            return {"video_url": f"{address}/media/{medium.id}"}
        return _download(medium, media.read)

    @api.call("media/uploadimg")
    def upload_for_article(_query: dict[str, Any]) -> Answer:
        content, name = _uploaded()
        if len(content) > MAX_IN_ARTICLE:
            raise Refusal(40009, "invalid image size")
        return {"url": f"{address}/media/{media.add('image', content, name, lasting=True).id}"}

    @api.call("material/add_material")
    def add(query: dict[str, Any]) -> Answer:
        medium = keep(str(query.get("type")), lasting=True)
        url = {"url": f"{address}/media/{medium.id}"} if medium.kind in ("image", "thumb") else {}
        return {"media_id": medium.id} | url

    @api.call("material/get_material")
    def get_lasting(body: dict[str, Any]) -> Answer | Response:
        medium = media.find(str(body.get("media_id")))
        if not medium.lasting:
            raise Refusal(40007, "invalid media_id")
        if medium.kind == "video":
            return {"title": medium.name, "description": "", "down_url": f"{address}/media/{medium.id}"}
        return _download(medium, media.read)

    @api.call("material/del_material")
    def delete(body: dict[str, Any]) -> Answer:
        media.remove(str(body.get("media_id")))
        return ok()

    @api.call("material/get_materialcount", "GET")
    def count(_query: dict[str, Any]) -> Answer:
        counts = {f"{kind}_count": len(media.lasting(kind)) for kind in COUNTS}
        return counts | {"news_count": len(api.wechat.articles.publications())}

    @api.call("material/batchget_material")
    def page(body: dict[str, Any]) -> Answer:
        kind = body.get("type")
        if kind not in COUNTS:
            raise Refusal(40004, "invalid media type")
        rows = [
            {"media_id": each.id, "name": each.name, "update_time": each.at, "url": f"{address}/media/{each.id}"}
            for each in media.lasting(str(kind))
        ]
        return items(body, rows)


def _uploaded() -> tuple[bytes, str]:
    """The file in the multipart field `media`, and its name."""
    request.max_content_length = MAX_BODY
    if (request.content_length or 0) > MAX_BODY:
        raise Refusal(40006, "invalid media size")
    given = request.files.get("media")
    if given is None:
        raise Refusal(41005, "media data missing")
    with contextlib.closing(given):
        return given.read(), given.filename or ""


def _download(medium: Medium, read: Callable[[Medium], bytes]) -> Response:
    answer = Response(read(medium), content_type=medium.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{medium.id[:16]}.{medium.format or "bin"}"'
    return answer
