"""Subscription notifications: a follower allows or refuses them, or one was sent."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import handles


@handles("event:subscribe_msg_popup_event", "event:subscribe_msg_change_event")
def consent(_content: Fields) -> Reaction:
    """Stored, its consents always in `List` (see inbound.py); WeChat shows the follower its own confirmation."""
    return Reaction()


@handles("event:subscribe_msg_sent_event")
def sent(_content: Fields) -> Reaction:
    """Stored: whether the notification has arrived."""
    return Reaction(by_follower=False)
