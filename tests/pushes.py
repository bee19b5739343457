"""Pushes as WeChat sends them: signed, or signed and encrypted."""

import itertools
import secrets
import time
from dataclasses import dataclass, field

from wechat_gateway import crypto

TOKEN, APP_ID = "webhook-token", "wx0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
_ids = itertools.count(7_000_000_000)


@dataclass
class Push:
    """A POST to the webhook."""

    body: bytes
    token: str = TOKEN
    age: int = 0
    args: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        stamp, nonce = str(int(time.time()) - self.age), secrets.token_hex(5)
        signature = crypto.signature(self.token, stamp, nonce)
        self.args = {"timestamp": stamp, "nonce": nonce, "signature": signature}

    @classmethod
    def xml(
        cls,
        openid: str,
        fields: str,
        *,
        aes_key: str = "",
        app_id: str = APP_ID,
        msg_token: str = TOKEN,
        **rest: object,
    ) -> "Push":
        """A push with these elements besides the usual ones."""
        xml = (
            f"<xml><ToUserName>gh_account</ToUserName><FromUserName>{openid}</FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime>{fields}</xml>"
        )
        if not aes_key:
            return cls(xml.encode(), **rest)  # type: ignore[arg-type]
        encrypted = crypto.encrypt(xml.encode(), aes_key, app_id)
        push = cls(f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode(), **rest)  # type: ignore[arg-type]
        signature = crypto.signature(msg_token, push.args["timestamp"], push.args["nonce"], encrypted)
        push.args |= {"encrypt_type": "aes", "msg_signature": signature}
        return push

    @classmethod
    def text(cls, content: str, openid: str = "o-zhang", msg_id: int | None = None, **rest: object) -> "Push":
        """A text message."""
        number = next(_ids) if msg_id is None else msg_id
        fields = f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content><MsgId>{number}</MsgId>"
        return cls.xml(openid, fields, **rest)  # type: ignore[arg-type]

    @classmethod
    def event(cls, event: str, openid: str = "o-zhang", key: str = "", **rest: object) -> "Push":
        """An event."""
        fields = f"<MsgType>event</MsgType><Event>{event}</Event><EventKey>{key}</EventKey>"
        return cls.xml(openid, fields, **rest)  # type: ignore[arg-type]
