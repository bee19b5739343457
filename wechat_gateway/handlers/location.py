"""A place that the follower sends, by himself or with a menu button, or that WeChat reports."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, quoted
from wechat_gateway.quota import Opening

NOTED = "位置{label}收到了,已经留给工作人员看。我自己还看不懂地图,{type_instead}"


@handles("location")
def location(content: Fields) -> Reaction:
    """Say that it has arrived, with the name that the map gives it."""
    label = quoted(content, "Label")
    words = NOTED.format(label=f"“{label}”" if label else "", type_instead=TYPE_INSTEAD)
    return Reaction(replies=(words,), opening=Opening.MESSAGE)


@handles("event:location", "event:location_select")
def reported(_content: Fields) -> Reaction:
    """Nobody waits: the phone reports where it is, or the chosen place follows as a message of its own."""
    return Reaction()
