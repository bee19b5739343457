"""What became of a job of ours: a template message, a mass sending, a publication."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import handles


@handles("event:templatesendjobfinish", "event:masssendjobfinish", "event:publishjobfinish")
def receipt(_content: Fields) -> Reaction:
    """Stored for whoever sent it. No follower did anything, and a mass sending's is not even in a follower's name."""
    return Reaction(by_follower=False)
