"""What happens between phone and account: a follower acts, WeChat delivers, the answer appears in the chat."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from core.clock import now
from core.settings import Settings
from sandbox import events, push
from sandbox.allowance import Allowance
from sandbox.articles import Articles
from sandbox.broadcasts import Broadcasts
from sandbox.codes import Codes
from sandbox.content import Contents
from sandbox.delivery import Courier, Outcome, Patience
from sandbox.desk import Desk
from sandbox.faults import Faults
from sandbox.follower import Message, Via
from sandbox.ledger import Ledger
from sandbox.ledger import Push as Entry
from sandbox.media import Media
from sandbox.menu import Menu
from sandbox.notices import Notices
from sandbox.options import Options
from sandbox.phone import Phone, UnknownFollower
from sandbox.push import Fields
from sandbox.quota import Trigger
from sandbox.reply import Reply
from sandbox.tags import Tags
from sandbox.tokens import Tokens

FAULT = "该公众号提供的服务出现故障，请稍后再试"
HANDED_OVER = "会话已转给人工客服"
QUEUED = "正在为你转接人工客服，请稍候"
DESK_CLOSED = "人工客服已结束会话"
FIRST_FOLLOWER = "我"
HELPER = "oMassSendHelper00000000000000"  # who tells the results of jobs; no follower
PROBE_EVERY = 0.5  # seconds between two looks whether the gateway is up


class NotFollowing(Exception):
    """Only a follower can write to the account or tap its menu."""


class Wechat:
    """WeChat's servers, for one official account."""

    def __init__(
        self, settings: Settings, url: str = "", patience: Patience | None = None, options: Options | None = None
    ) -> None:
        """`url`: the webhook, by default that of the gateway in the settings."""
        self.settings = settings
        self.options = options or Options()
        self.patience = patience or Patience()
        self.phone = Phone(self.options.max_followers)
        self.media = Media(settings.tongqi_var / "sandbox-media")
        self.menu = Menu()
        self.tags = Tags(self.phone)
        self.codes = Codes()
        self.tokens = Tokens()
        self.allowance = Allowance()
        self.faults = Faults()
        self.ledger = Ledger()
        self.desk = Desk()
        self.notices = Notices(self.phone)
        self.articles = Articles(self.media)
        self.contents = Contents(self.media, self.articles)
        self.broadcasts = Broadcasts(self.phone, lambda openid, reply: self._mass(openid, reply))
        form = self.options.push_format
        self.courier = Courier(settings, url or webhook_url(settings), self.patience, form, self.media)
        self.trouble = "公众号服务还没有启动好"  # why the account cannot be reached; "" once it has been

    def connect(self) -> None:
        """Verify the webhook as soon as it is up, then let the first follower follow; returns at once."""
        threading.Thread(target=self._connect, name="connect", daemon=True).start()

    # What followers do

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
        if self.phone.set_following(openid, True, scene):
            key = f"qrscene_{scene}" if scene else ""
            self._send(openid, events.event("subscribe", key, **self._ticket(scene)))

    def unfollow(self, openid: str) -> None:
        """Leave the account; nothing happens if he has left already."""
        if self.phone.set_following(openid, False):
            self.desk.leave(openid)
            self.phone.put(openid, "system", "text", "你已取消关注该公众号")
            self._send(openid, events.event("unsubscribe", ""))

    def scan(self, openid: str, scene: str) -> None:
        """Scan a code with a scene: a SCAN from a follower; whoever is none becomes one."""
        with self.phone.peek(openid) as follower:
            following = follower.following
        if following:
            self.act(openid, events.event("SCAN", scene, **self._ticket(scene)), Trigger.SCAN)
        else:
            self.follow(openid, scene)

    def say(
        self,
        openid: str,
        fields: Fields,
        shown: str,
        trigger: Trigger = Trigger.MESSAGE,
        details: dict[str, Any] | None = None,
    ) -> Message:
        """A follower sends a message (built by `push`); `shown` stands in his bubble, `details` beside it.

        While he is with the desk it goes there, and the account hears nothing of it.

        Raises:
            NotFollowing: he is no follower.
        """
        self._allow(openid, trigger)
        self.end_idle_sessions()
        to_desk = self.desk.hears(openid)
        state, via = ("sent", "desk") if to_desk else ("pending", None)
        more = {"state": state, "via": via, "details": details or {}}
        message = self.phone.put(openid, "me", str(fields["MsgType"]), shown, **more)
        if not to_desk:
            self._send(openid, fields, message)
        return message

    def act(self, openid: str, fields: Fields, trigger: Trigger | None) -> None:
        """A follower does something that shows no bubble: taps a menu button, scans a code.

        Raises:
            NotFollowing: he is no follower.
        """
        self._allow(openid, trigger)
        self._send(openid, fields)

    # What the account and the platform do

    def account_says(self, openid: str, reply: Reply, via: Via) -> Message:
        """Something of the account's appears in the chat."""
        more = {"articles": reply.articles, "details": reply.details, "via": via}
        return self.phone.put(openid, "account", reply.type, reply.content, **more)

    def job(self, finish: Callable[[], Fields], openid: str = HELPER) -> None:
        """Do something a moment from now, and push the event that `finish` returns: the result of a job.

        It comes from the follower whom it concerns, or from nobody in particular.
        """

        def run() -> None:
            self._deliver(openid, push.addressed(finish(), openid, now()), None)

        timer = threading.Timer(self.patience.job, run)
        timer.daemon = True
        timer.start()

    def session_begun(self, openid: str, agent: str) -> None:
        """An agent of the desk has taken the follower on."""
        self.phone.put(openid, "system", "text", HANDED_OVER)
        self._send(openid, events.event("kf_create_session", KfAccount=agent))

    def session_ended(self, openid: str, agent: str, why: str = "KF") -> None:
        """The desk has let the follower go. `why`: KF (an agent or the account closed it) or TIMEOUT."""
        self.phone.put(openid, "system", "text", DESK_CLOSED)
        self._send(openid, events.event("kf_close_session", KfAccount=agent, CloseType=why))

    def end_idle_sessions(self) -> None:
        """Sessions in which nobody has said anything for half an hour go back to the account."""
        for openid, agent in self.desk.over():
            self.session_ended(openid, agent, "TIMEOUT")

    # Delivery

    def _allow(self, openid: str, trigger: Trigger | None) -> None:
        with self.phone.open(openid) as follower:
            if not follower.following:
                raise NotFollowing
            follower.acted = now().timestamp()
            if trigger is not None:
                follower.quota.grant(trigger, now())

    def _send(self, openid: str, fields: Fields, message: Message | None = None) -> None:
        """Start the delivery. Each runs in a thread of its own: as with WeChat, one message never waits for another."""
        addressed = push.addressed(fields, openid, now())
        with self.phone.open(openid) as follower:
            follower.waiting += 1
        entry = self.ledger.sent(openid, addressed)
        threading.Thread(target=self._carry, args=(openid, addressed, message, entry), daemon=True).start()

    def _carry(self, openid: str, fields: Fields, message: Message | None, entry: Entry) -> None:
        try:
            outcomes = self._deliver(openid, fields, message)
            replies = [each for each in outcomes if each.reply is not None]
            outcome = (replies or outcomes)[0]
            said = [each.reply.content or each.reply.type for each in replies if each.reply]
            self._show(openid, outcome, message)
            self.ledger.ended(entry, outcome.tries, outcome.fault, said)
        finally:
            with self.phone.open(openid) as follower:
                follower.waiting -= 1

    def _deliver(self, openid: str, fields: Fields, message: Message | None) -> list[Outcome]:
        """Deliver a push, with the failures that were asked for; more than one outcome where it is sent twice."""

        def on_try(number: int) -> None:
            if message is not None:
                self.phone.update(openid, message, tries=number)

        fault = self.faults.strike("push")
        if fault and fault.kind == "delay":
            time.sleep(fault.seconds)
        if not fault or fault.kind != "duplicate":
            return [self.courier.deliver(openid, fields, on_try)]
        outcomes: list[Outcome] = []
        second = threading.Thread(target=lambda: outcomes.append(self.courier.deliver(openid, fields)), daemon=True)
        second.start()
        first = self.courier.deliver(openid, fields, on_try)
        second.join()
        return [first, *outcomes]

    def _show(self, openid: str, outcome: Outcome, message: Message | None) -> None:
        if message is not None:
            self.phone.update(openid, message, state="failed" if outcome.fault else "sent")
        with self.phone.peek(openid) as follower:
            gone = not follower.following
        if gone:
            return  # whoever has left sees nothing any more, least of all an answer to his leaving
        if outcome.fault:
            self.phone.put(openid, "system", "text", FAULT)
        elif outcome.reply is not None and outcome.reply.type == "transfer_customer_service":
            if agent := self.desk.take(openid, outcome.reply.agent):
                self.session_begun(openid, agent)
            else:
                self.phone.put(openid, "system", "text", QUEUED)
        elif outcome.reply is not None:
            self.account_says(openid, outcome.reply, "passive")

    def _mass(self, openid: str, reply: Reply) -> int | None:
        with contextlib.suppress(UnknownFollower):
            with self.phone.peek(openid) as follower:
                following = follower.following
            if following:
                return self.account_says(openid, reply, "mass").id
        return None

    def _ticket(self, scene: str) -> Fields:
        code = self.codes.of_scene(scene) if scene else None
        return {"Ticket": code.ticket} if code else {}

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
