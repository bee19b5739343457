"""A conversation as staff read it: what came, what was said, what waits, what could not be delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Attachment, AttachmentState, Channel, Delivery, DeliveryState, Message, Turn

# What stands for a kind that is not words, and the field that says more of it.
KINDS = {
    "voice": ("语音", "Recognition"),
    "image": ("图片", ""),
    "video": ("视频", ""),
    "shortvideo": ("小视频", ""),
    "file": ("文件", "Title"),
    "location": ("位置", "Label"),
    "link": ("链接", "Title"),
    "miniprogrampage": ("小程序", "Title"),
    "event:click": ("点菜单", "EventKey"),
    "event:scan": ("扫码", "EventKey"),
    "event:subscribe": ("关注", "EventKey"),
    "event:unsubscribe": ("取消关注", ""),
    "event:location": ("上报位置", ""),
    "event:view": ("打开网页", "EventKey"),
}
STATES = {
    DeliveryState.QUEUED: "待发送",
    DeliveryState.WAITING: "没有发送额度,等对方下次来消息",
    DeliveryState.SENDING: "发送中",
    DeliveryState.LEFT: "已发出,未见微信回执",
    DeliveryState.FAILED: "没有送达",
}


@dataclass(frozen=True)
class Line:
    """One line of the conversation.

    Attributes:
        mine: said by the account, not by the follower.
        note: what became of it, where it did not simply arrive.
        attachment_id: of a picture, voice or file that is stored.
    """

    at: datetime
    mine: bool
    text: str
    note: str = ""
    attachment_id: int | None = None


def read(session: Session, follower_id: int, last: int = 50) -> list[Line]:
    """The follower's last messages with their answers, oldest first."""
    messages = session.execute(
        select(Message, Turn.id, Attachment.id, Attachment.state)
        .join(Turn, Turn.message_id == Message.id)
        .outerjoin(Attachment, Attachment.message_id == Message.id)
        .where(Message.follower_id == follower_id)
        .order_by(Message.id.desc())
        .limit(last)
    ).all()
    answers: dict[int, list[Delivery]] = {}
    turns = [turn_id for _, turn_id, _, _ in messages]
    for delivery in session.scalars(select(Delivery).where(Delivery.turn_id.in_(turns)).order_by(Delivery.id)):
        answers.setdefault(delivery.turn_id, []).append(delivery)
    lines = []
    for message, turn_id, attachment_id, state in reversed(messages):
        said = _said(answers.get(turn_id, ()))
        if message.kind.startswith("event:") and message.kind not in KINDS and not said:
            continue  # what WeChat reports, and nobody said
        stored = attachment_id if state is AttachmentState.STORED else None
        lines.append(Line(message.received_at, mine=False, text=_words_of(message), attachment_id=stored))
        lines += said
    return lines


def _words_of(message: Message) -> str:
    content: Mapping[str, Any] = message.content
    if message.kind == "text":
        return str(content.get("Content", ""))
    name, field = KINDS.get(message.kind, (message.kind, ""))
    return f"[{name}] {content.get(field) or ''}".rstrip()


def _said(deliveries: Sequence[Delivery]) -> list[Line]:
    lines = []
    for one in deliveries:
        # A passive reply counts as sent: WeChat asks again for one that it did not get.
        note = "" if one.channel is Channel.PASSIVE else STATES.get(one.state, "")
        reason = f"({one.error})" if note and one.error else ""
        lines.append(Line(one.sent_at or one.created_at, mine=True, text=one.text, note=note + reason))
    return lines
