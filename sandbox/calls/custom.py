"""Customer-service messages: cgi-bin/message/custom/send and typing. Quotas are in quota.py."""

import time
from typing import Any

from core.clock import now
from sandbox import content
from sandbox.quota import OutOfQuota
from sandbox.refusal import Refusal
from sandbox.wechat_api import Answer, Api, ok

TYPING = {"Typing": True, "CancelTyping": False}
TYPING_WITHIN = 30  # seconds since the follower did something


def register(api: Api) -> None:
    """Enter the calls."""
    wechat = api.wechat

    @api.call("message/custom/send")
    def send(body: dict[str, Any]) -> Answer:
        openid = str(body.get("touser", ""))
        said = wechat.contents.read(body, content.SERVICE)
        with wechat.phone.open(openid) as follower:
            if not follower.following:
                raise Refusal(43004, "require subscribe")
            try:
                follower.quota.spend(now())
            except OutOfQuota as error:
                if error.spent:
                    raise Refusal(45047, "out of response count limit") from error
                raise Refusal(45015, "response out of time limit or subscription is canceled") from error
        wechat.account_says(openid, said, "service")
        wechat.ledger.served(openid, said.type, said.content or "".join(each.title for each in said.articles))
        return ok()

    @api.call("message/custom/typing")
    def typing(body: dict[str, Any]) -> Answer:
        command = body.get("command")
        if command not in TYPING:
            raise Refusal(45072, "command value invalid")
        openid = str(body.get("touser", ""))
        with wechat.phone.peek(openid) as follower:
            if not follower.following:
                raise Refusal(43004, "require subscribe")
            recent = follower.acted + TYPING_WITHIN >= now().timestamp()
            shown = follower.typing_until > time.monotonic()
        if not recent:
            raise Refusal(45080, "need interaction with the user within 30 seconds")
        if command == "Typing" and shown:
            raise Refusal(45081, "already in typing status, do not repeat")
        wechat.phone.set_typing(openid, TYPING[command])
        return ok()
