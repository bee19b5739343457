"""Customer-service messages: cgi-bin/message/custom/send and typing."""

from typing import Any
from urllib.parse import quote

from core.clock import now
from sandbox.quota import OutOfQuota
from sandbox.reply import MAX_TEXT, Article, Reply
from sandbox.wechat_api import Answer, Api, Refusal, ok

MAX_ARTICLES = 1
TYPING = {"Typing": True, "CancelTyping": False}


def register(api: Api) -> None:
    """Enter the calls."""
    phone = api.wechat.phone

    @api.call("message/custom/send")
    def send(body: dict[str, Any]) -> Answer:
        openid = str(body.get("touser", ""))
        message = _message(body)
        with phone.open(openid) as follower:
            if not follower.following:
                raise Refusal(43004, "require subscribe")
            try:
                follower.quota.spend(now())
            except OutOfQuota as error:
                if error.spent:
                    raise Refusal(45047, "out of response count limit") from error
                raise Refusal(45015, "response out of time limit or subscription is canceled") from error
        phone.put(openid, "account", message.type, message.content, articles=message.articles, via="service")
        return ok()

    @api.call("message/custom/typing")
    def typing(body: dict[str, Any]) -> Answer:
        command = body.get("command")
        if command not in TYPING:
            raise Refusal(45072, "command value invalid")
        phone.set_typing(str(body.get("touser", "")), TYPING[command])
        return ok()


def _message(body: dict[str, Any]) -> Reply:
    kind = body.get("msgtype")
    if kind not in _KINDS:
        raise Refusal(40008, "invalid message type")
    content = body.get(kind)
    if not isinstance(content, dict):
        raise Refusal(44004, "empty content")
    return _KINDS[kind](content)


def _text(content: dict[str, Any]) -> Reply:
    text = str(content.get("content", ""))
    if not text:
        raise Refusal(44004, "empty content")
    if len(text.encode()) > MAX_TEXT:
        raise Refusal(45002, "content size out of limit")
    return Reply("text", text)


def _image(content: dict[str, Any]) -> Reply:
    if not content.get("media_id"):
        raise Refusal(40007, "invalid media_id")
    return Reply("image", "[图片]")


def _news(content: dict[str, Any]) -> Reply:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles or not all(isinstance(article, dict) for article in articles):
        raise Refusal(44003, "empty news data")
    if len(articles) > MAX_ARTICLES:
        raise Refusal(45008, "article size out of limit")
    names = ("title", "description", "url", "picurl")
    return Reply("news", articles=tuple(Article(*(str(row.get(name, "")) for name in names)) for row in articles))


def _msgmenu(content: dict[str, Any]) -> Reply:
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


_KINDS = {"text": _text, "image": _image, "news": _news, "msgmenu": _msgmenu}
