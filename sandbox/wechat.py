"""What happens between phone and account: a follower acts, WeChat delivers, the answer appears in the chat."""

import threading
import time

from core.clock import now
from core.logging import get_logger
from core.settings import Settings
from sandbox import push
from sandbox.delivery import Courier, Outcome, Patience
from sandbox.menu import Menu
from sandbox.phone import Message, Phone
from sandbox.push import Fields
from sandbox.quota import Trigger
from sandbox.tokens import Tokens

FAULT = "该公众号提供的服务出现故障，请稍后再试"
HANDED_OVER = "会话已转给人工客服"
FIRST_FOLLOWER = "我"
PROBE_EVERY = 0.5  # seconds between two looks whether the gateway is up

log = get_logger()


class NotFollowing(Exception):
    """Only a follower can write to the account or tap its menu."""


class Wechat:
    """WeChat's servers, for one official account."""

    def __init__(self, settings: Settings, url: str = "", patience: Patience | None = None) -> None:
        """`url`: the webhook, by default that of the gateway in the settings."""
        self.settings = settings
        self.phone = Phone()
        self.menu = Menu()
        self.tokens = Tokens()
        self.courier = Courier(settings, url or webhook_url(settings), patience)
        self.trouble = "公众号服务还没有启动好"  # why the account cannot be reached; "" once it has been

    def connect(self) -> None:
        """Verify the webhook as soon as it is up, then let the first follower follow; returns at once."""
        threading.Thread(target=self._connect, name="connect", daemon=True).start()

    def join(self, name: str) -> str:
        """A new person follows the account; the openid.

        Raises:
            phone.TooMany: there is no room for more.
        """
        openid = self.phone.add(name)
        self.follow(openid)
        return openid

    def follow(self, openid: str, scene: str = "") -> None:
        """Follow (again), perhaps by scanning a code with a scene; nothing happens if he follows already."""
        if self.phone.set_following(openid, True):
            self._send(openid, push.event("subscribe", f"qrscene_{scene}" if scene else ""))

    def unfollow(self, openid: str) -> None:
        """Leave the account; nothing happens if he has left already."""
        if self.phone.set_following(openid, False):
            self.phone.put(openid, "system", "text", "你已取消关注该公众号")
            self._send(openid, push.event("unsubscribe", ""))

    def say(self, openid: str, fields: Fields, shown: str, trigger: Trigger = Trigger.MESSAGE) -> Message:
        """A follower sends a message (built by `push`); `shown` stands in his bubble.

        Raises:
            NotFollowing: he is no follower.
        """
        self._allow(openid, trigger)
        message = self.phone.put(openid, "me", str(fields["MsgType"]), shown, state="pending")
        self._send(openid, fields, message)
        return message

    def act(self, openid: str, fields: Fields, trigger: Trigger | None) -> None:
        """A follower does something that shows no bubble: taps a menu button, scans a code.

        Raises:
            NotFollowing: he is no follower.
        """
        self._allow(openid, trigger)
        self._send(openid, fields)

    def _allow(self, openid: str, trigger: Trigger | None) -> None:
        with self.phone.open(openid) as follower:
            if not follower.following:
                raise NotFollowing
            if trigger is not None:
                follower.quota.grant(trigger, now())

    def _send(self, openid: str, fields: Fields, message: Message | None = None) -> None:
        """Start the delivery. Each runs in a thread of its own: as with WeChat, one message never waits for another."""
        addressed = push.addressed(fields, openid, now())
        with self.phone.open(openid) as follower:
            follower.waiting += 1
        threading.Thread(target=self._deliver, args=(openid, addressed, message), daemon=True).start()

    def _deliver(self, openid: str, fields: Fields, message: Message | None) -> None:
        def on_try(number: int) -> None:
            if message is not None:
                self.phone.update(openid, message, tries=number)

        try:
            self._show(openid, self.courier.deliver(openid, fields, on_try), message)
        finally:
            with self.phone.open(openid) as follower:
                follower.waiting -= 1

    def _show(self, openid: str, outcome: Outcome, message: Message | None) -> None:
        if message is not None:
            self.phone.update(openid, message, state="failed" if outcome.fault else "sent")
        with self.phone.open(openid) as follower:
            gone = not follower.following
        if gone:
            return  # whoever has left sees nothing any more, least of all an answer to his leaving
        if outcome.fault:
            log.warning("push failed", fault=outcome.fault, tries=outcome.tries)
            self.phone.put(openid, "system", "text", FAULT)
        elif outcome.reply is not None and outcome.reply.type == "transfer_customer_service":
            self.phone.put(openid, "system", "text", HANDED_OVER)
        elif (reply := outcome.reply) is not None:
            self.phone.put(openid, "account", reply.type, reply.content, articles=reply.articles, via="passive")

    def _connect(self) -> None:
        while trouble := self.courier.confirm():
            self.trouble = trouble
            time.sleep(PROBE_EVERY)
        self.trouble = ""
        if not self.phone.followers():
            self.join(FIRST_FOLLOWER)


def webhook_url(settings: Settings) -> str:
    """Where the gateway listens, as seen from this machine."""
    host, _, port = settings.gateway_bind.rpartition(":")
    return f"http://{'127.0.0.1' if host in ('', '0.0.0.0') else host}:{port}/wechat"  # noqa: S104  compared only
