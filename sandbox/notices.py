"""Template messages and subscription notifications: which templates there are, and who may get what.

The platform's library is not copied: the sandbox has a few templates of each sort, under fixed ids.
"""

import secrets
import threading
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.clock import now
from sandbox.phone import Phone
from sandbox.refusal import Refusal

MAX_TEMPLATES = 25
THROTTLE = (10, timedelta(minutes=1))
"""Template messages to one follower. The platform throttles (43117) without saying at which rate; this one is ours."""

ONE_TIME, LONG_TERM = 2, 3  # types of a subscription template


@dataclass(frozen=True)
class Template:
    """One form: its title, and its fields as name -> label. `type` 0: a template message."""

    id: str
    title: str
    fields: dict[str, str]
    type: int = 0

    @property
    def content(self) -> str:
        """The form as the platform lists it."""
        return "".join(f"{label}:{{{{{name}.DATA}}}}\n" for name, label in self.fields.items())


SAMPLES = (
    Template("sandbox-booking", "预约成功通知", {"thing1": "预约事项", "time2": "预约时间", "thing3": "办理地点"}),
    Template(
        "sandbox-progress", "业务办理进度提醒", {"thing1": "业务名称", "phrase2": "当前进度", "time3": "更新时间"}
    ),
    Template(
        "sandbox-event", "活动开始提醒", {"thing1": "活动名称", "time2": "开始时间", "thing3": "活动地点"}, ONE_TIME
    ),
    Template(
        "sandbox-policy", "政策更新通知", {"thing1": "政策名称", "thing2": "适用对象", "date3": "发布日期"}, LONG_TERM
    ),
)


class Notices:
    """The account's templates, and the consents of followers (kept with each of them). Thread-safe."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._templates = {template.id: template for template in SAMPLES}
        self._sent: dict[str, deque[float]] = {}
        self._keys: dict[str, float] = {}
        self._lock = threading.Lock()

    def all(self, subscription: bool) -> list[Template]:
        """The templates of one sort."""
        with self._lock:
            return [each for each in self._templates.values() if bool(each.type) == subscription]

    def add(self, short_id: str) -> Template:
        """Take a template from the library; any number is in it.

        Raises:
            Refusal: 40037 no number, 45026 there are 25 already.
        """
        if not short_id:
            raise Refusal(40037, "invalid template_id")
        with self._lock:
            if sum(not each.type for each in self._templates.values()) >= MAX_TEMPLATES:
                raise Refusal(45026, "template num exceeds limit")
            template = Template(secrets.token_urlsafe(32), f"模板 {short_id[:20]}", {"thing1": "内容", "time2": "时间"})
            self._templates[template.id] = template
            return template

    def delete(self, template_id: str) -> None:
        """Give a template back; 40037 if it is not there."""
        self.find(template_id, subscription=False)
        with self._lock:
            self._templates.pop(template_id, None)

    def find(self, template_id: object, subscription: bool) -> Template:
        """The template.

        Raises:
            Refusal: 40037 there is none of this id and sort.
        """
        with self._lock:
            template = self._templates.get(str(template_id))
        if template is None or bool(template.type) != subscription:
            raise Refusal(40037, "invalid template_id")
        return template

    def throttle(self, openid: str) -> None:
        """Count a template message to a follower.

        Raises:
            Refusal: 43117 too many in a short time.
        """
        most, span = THROTTLE
        at = now().timestamp()
        with self._lock:
            sent = self._sent.setdefault(openid, deque())
            while sent and sent[0] <= at - span.total_seconds():
                sent.popleft()
            if len(sent) >= most:
                raise Refusal(43117, "user receive template message too frequently")
            sent.append(at)

    def once(self, key: str) -> None:
        """Refuse the second template message with the same client_msg_id within ten minutes (43116)."""
        at = now().timestamp()
        with self._lock:
            self._keys = {each: until for each, until in self._keys.items() if until > at}
            if key in self._keys:
                raise Refusal(43116, "duplicate client_msg_id")
            if key:
                self._keys[key] = at + 600

    def consent(self, openid: str, template_id: str, accept: bool) -> Template:
        """A follower answers the question: yes allows one message more (all of a long-term template), no changes nothing.

        Raises:
            Refusal: 40037 no such subscription template.
        """
        template = self.find(template_id, subscription=True)
        if accept:
            with self._phone.open(openid) as follower:
                follower.consents[template.id] = follower.consents.get(template.id, 0) + 1
        return template

    def withdraw(self, openid: str, template_id: str) -> None:
        """A follower switches a template off: every consent to it is gone."""
        self.find(template_id, subscription=True)
        with self._phone.open(openid) as follower:
            follower.consents.pop(template_id, None)

    def spend(self, openid: str, template: Template) -> None:
        """Use a consent.

        Raises:
            Refusal: 43101 there is none left.
        """
        with self._phone.open(openid) as follower:
            left = follower.consents.get(template.id, 0)
            if not left:
                raise Refusal(43101, "user refuse to accept the msg")
            if template.type == ONE_TIME:
                follower.consents[template.id] = left - 1


def rows(template: Template, data: object) -> list[tuple[str, str]]:
    """Label and value of each field, as the notice shows them.

    Raises:
        Refusal: 47003 the data do not fit the template.
    """
    given: dict[str, Any] = data if isinstance(data, dict) else {}
    shown = []
    for name, label in template.fields.items():
        field = given.get(name)
        value = field.get("value") if isinstance(field, dict) else None
        if value is None or not str(value).strip():
            raise Refusal(47003, f"argument invalid! data.{name}.value is empty")
        shown.append((label, str(value)))
    return shown
