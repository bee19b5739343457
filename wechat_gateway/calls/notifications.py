"""Notifications outside the window of customer-service messages: template messages and subscription notifications.

Template messages: verified service accounts, 100,000 a day, 25 templates, no marketing; one follower is throttled (43117).
Subscription notifications: one for each consent of a follower, or by a long-term template of a public service. No call
tells how many consents are left: they are counted from the events.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat_gateway.client import WechatClient

_CLIENT_MSG_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")


@dataclass(frozen=True)
class MiniProgram:
    """A page of a mini program that is bound to the account."""

    app_id: str
    page_path: str


@dataclass(frozen=True)
class Template:
    """A template of the account. `content` shows its fields as `{{name.DATA}}`."""

    id: str
    title: str
    content: str
    example: str = ""
    long_term: bool = False  # subscription notifications only: needs consent once, not each time


def send_template(
    client: WechatClient,
    openid: str,
    template_id: str,
    fields: Mapping[str, str],
    *,
    url: str = "",
    mini_program: MiniProgram | None = None,
    client_msg_id: str = "",
) -> int:
    """Send a template message; WeChat's id of it. Whether it arrived says the event TEMPLATESENDJOBFINISH.

    Args:
        client: the account.
        openid: the follower.
        template_id: one of `templates`.
        fields: value of each field of the template.
        url: what the message opens.
        mini_program: opened in place of `url` by clients that can.
        client_msg_id: a repetition within 10 minutes is not sent again; at most 32 of [0-9a-zA-Z_-].

    Raises:
        ValueError: not such an id.
        WechatError: refused (43004, 43117 throttled, 40037, 47003, 45009) or unreachable.
    """
    body = _body(openid, template_id, fields, mini_program) | ({"url": url} if url else {})
    if client_msg_id:
        if not _CLIENT_MSG_ID.fullmatch(client_msg_id):
            raise ValueError("client_msg_id has 1 to 32 characters of [0-9a-zA-Z_-]")
        body["client_msg_id"] = client_msg_id
    return int(client.post("/cgi-bin/message/template/send", body)["msgid"])


def send_subscription(
    client: WechatClient,
    openid: str,
    template_id: str,
    fields: Mapping[str, str],
    *,
    page: str = "",
    mini_program: MiniProgram | None = None,
) -> None:
    """Send a subscription notification, which uses up one consent. Whether it arrived says subscribe_msg_sent_event.

    The API has no key against repetitions: what may have left is not sent again.

    Raises:
        WechatError: refused (43101 no consent, 40037, 47003, 41030) or unreachable.
    """
    body = _body(openid, template_id, fields, mini_program) | ({"page": page} if page else {})
    client.post("/cgi-bin/message/subscribe/bizsend", body)


def templates(client: WechatClient) -> list[Template]:
    """The account's templates of template messages, at most 25.

    Raises:
        WechatError: refused or unreachable.
    """
    rows = client.get("/cgi-bin/template/get_all_private_template").get("template_list", [])
    return [Template(row["template_id"], row["title"], row["content"], row.get("example", "")) for row in rows]


def subscription_templates(client: WechatClient) -> list[Template]:
    """The account's templates of subscription notifications.

    Raises:
        WechatError: refused or unreachable.
    """
    rows = client.get("/wxaapi/newtmpl/gettemplate").get("data", [])
    return [
        Template(row["priTmplId"], row["title"], row["content"], row.get("example", ""), row.get("type") == 3)
        for row in rows
    ]


def _body(openid: str, template_id: str, fields: Mapping[str, str], mini_program: MiniProgram | None) -> dict[str, Any]:
    data = {name: {"value": value} for name, value in fields.items()}
    body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": data}
    if mini_program:
        body["miniprogram"] = {"appid": mini_program.app_id, "pagepath": mini_program.page_path}
    return body
