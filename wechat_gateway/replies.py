"""The body of the HTTP answer to a push: a passive reply in the form in which the push came, encrypted as it was."""

import json
import secrets
from typing import Any

import xmltodict
from wechatpy.fields import StringField
from wechatpy.replies import ArticlesReply, BaseReply, ImageReply, TextReply, TransferCustomerServiceReply

from core.clock import now
from core.settings import Settings
from wechat_gateway import crypto, message
from wechat_gateway.envelope import Opened
from wechat_gateway.inbound import legible

SUCCESS = "success"  # tells WeChat to be quiet: nothing to say, or the answer follows by service message
XML, JSON = "text/xml", "application/json"
NUMBERS = ("CreateTime", "ArticleCount", "TimeStamp")  # without quotes in JSON


class AgentField(StringField):  # type: ignore[misc]
    """The element that names the agent."""

    def to_xml(self, value: str) -> str:
        """The agent within `TransInfo`."""
        return f"<{self.name}><KfAccount><![CDATA[{value}]]></KfAccount></{self.name}>"


class TransferToAgent(TransferCustomerServiceReply):  # type: ignore[misc]
    """A transfer to one agent, which wechatpy does not know."""

    agent = AgentField("TransInfo")


def render(said: message.Message, openid: str, account: str) -> str:
    """A passive reply from `account` to `openid` as XML; kinds that it cannot carry as the text they fall back on."""
    reply = _reply(said)
    reply.source, reply.target, reply.time = _neutral(account), _neutral(openid), int(now().timestamp())
    return str(reply.render())


def seal(xml: str, opened: Opened, settings: Settings) -> tuple[str, str]:
    """The reply in the form in which the push came: XML or JSON with the same fields, plain or encrypted and signed.

    Returns:
        The body and its media type.
    """
    body, mimetype = (_as_json(xml), JSON) if opened.json else (xml, XML)
    if opened.aes_key is None:
        return body, mimetype
    encrypted = crypto.encrypt(body.encode(), opened.aes_key, settings.wechat_app_id)
    stamp, nonce = str(int(now().timestamp())), secrets.token_hex(8)
    signature = crypto.signature(settings.wechat_token.get_secret_value(), stamp, nonce, encrypted)
    envelope = (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )
    return (_as_json(envelope) if opened.json else envelope), mimetype


def _reply(said: message.Message) -> BaseReply:
    match said:
        case message.Image():
            return ImageReply(image=_neutral(said.media_id))
        case message.Article():
            card = {"title": said.title, "description": said.description, "url": said.url, "image": said.picture_url}
            return ArticlesReply(articles=[{name: _neutral(value) for name, value in card.items()}])
        case message.Transfer() if said.agent:
            return TransferToAgent(agent=_neutral(said.agent))
        case message.Transfer():
            return TransferCustomerServiceReply()
    return TextReply(content=_neutral(said.fallback))


def _neutral(text: str) -> str:
    """The text fit for a CDATA section: `]]>` would end it and let the text add elements."""
    return legible(text).replace("]]>", "]]\u200b>")


def _as_json(xml: str) -> str:
    fields: dict[str, Any] = xmltodict.parse(xml, postprocessor=lambda _path, name, value: (name, value or ""))["xml"]
    numbers = {name: int(fields[name]) for name in NUMBERS if name in fields}
    return json.dumps(fields | numbers, ensure_ascii=False)
