"""The body of the HTTP answer to a push: a passive reply in XML, encrypted as the push was."""

import secrets

from wechatpy.replies import TextReply

from core.clock import now
from core.settings import Settings
from wechat_gateway import crypto
from wechat_gateway.envelope import Opened

SUCCESS = "success"  # tells WeChat to be quiet: nothing to say, or the answer follows by service message


def render_text(text: str, openid: str, account: str) -> str:
    """A passive text reply as XML. `]]>` would end the CDATA section and let the text add elements."""
    neutral = text.replace("]]>", "]]\u200b>")
    reply = TextReply(content=neutral, source=account, target=openid, time=int(now().timestamp()))
    return str(reply.render())


def seal(xml: str, opened: Opened, settings: Settings) -> str:
    """The reply in the form in which the push came: encrypted and signed, or as it is."""
    if opened.aes_key is None:
        return xml
    encrypted = crypto.encrypt(xml.encode(), opened.aes_key, settings.wechat_app_id)
    stamp, nonce = str(int(now().timestamp())), secrets.token_hex(8)
    signature = crypto.signature(settings.wechat_token.get_secret_value(), stamp, nonce, encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )
