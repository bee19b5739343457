"""Customer-service messages, and the typing state shown to a follower.

Quotas (see quota.py): 5 within 48 hours of a follower's message, 3 within a minute of a click, a scan or a follow.
"""

from collections.abc import Callable
from typing import Any

from wechat_gateway.client import WechatClient
from wechat_gateway.message import Article, Image, Menu, Message, MiniProgramPage, Text, Transfer

MAX_TEXT = 2047  # UTF-8 bytes; 2,048 are documented, failures were reported above 2,047
MAX_CHOICE_ID = 64  # characters of what comes back when a choice is tapped


def send(client: WechatClient, openid: str, message: Message, on_sent: Callable[[], None] | None = None) -> None:
    """Send one message. A transfer cannot be sent this way: the follower gets its text.

    Args:
        client: the account.
        openid: the follower.
        message: text of at most 2,047 bytes, image, one article, menu of choices or mini-program page. Menus are not
            open to test accounts.
        on_sent: called once when the request has left and before WeChat answers.

    Raises:
        ValueError: beyond a limit above; nothing was sent.
        WechatError: `out_of_quota` 45015, 45047; gone 43004, 43019, 48002; for a menu on test accounts 40008, 48001.
    """
    kind, content = _body(message)
    body = {"touser": openid, "msgtype": kind, kind: content}
    client.post("/cgi-bin/message/custom/send", body, on_sent=on_sent)


def typing(client: WechatClient, openid: str, on: bool = True) -> None:
    """Show the follower that an answer is being written, or stop showing it. It ends by itself with the answer.

    Raises:
        WechatError: 45080 no message from the follower within 30 s, 45081 shown already, 45015 window closed.
    """
    command = "Typing" if on else "CancelTyping"
    client.post("/cgi-bin/message/custom/typing", {"touser": openid, "command": command})


def _body(message: Message) -> tuple[str, dict[str, Any]]:
    match message:
        case Text() | Transfer():
            return "text", {"content": _checked_text(message.fallback)}
        case Image():
            return "image", {"media_id": message.media_id}
        case Article():
            article = {"title": message.title, "description": message.description, "url": message.url}
            return "news", {"articles": [{**article, "picurl": message.picture_url}]}
        case Menu():
            if not message.choices or any(not 0 < len(choice.id) <= MAX_CHOICE_ID for choice in message.choices):
                raise ValueError(f"a menu has choices, each with an id of 1 to {MAX_CHOICE_ID} characters")
            choices = [{"id": choice.id, "content": choice.title} for choice in message.choices]
            return "msgmenu", {"head_content": message.head, "list": choices, "tail_content": ""}
        case MiniProgramPage():
            page = {"title": message.title, "appid": message.app_id, "pagepath": message.page_path}
            return "miniprogrampage", {**page, "thumb_media_id": message.thumb_media_id}


def _checked_text(text: str) -> str:
    if not 0 < len(text.encode(errors="replace")) <= MAX_TEXT:
        raise ValueError(f"a text has 1 to {MAX_TEXT} bytes")
    return text
