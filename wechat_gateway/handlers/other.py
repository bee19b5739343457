"""Kinds that have no handler of their own (yet): stored, and answered politely; never sent to the dialogue."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles
from wechat_gateway.quota import Opening

KEPT = f"收到啦,已经留给工作人员看。我目前只看得懂文字,{TYPE_INSTEAD}"


@handles("*")
def message(_content: Fields) -> Reaction:
    """A person has sent something, and waits."""
    return Reaction(replies=(KEPT,), opening=Opening.MESSAGE)


@handles("event:*")
def event(_content: Fields) -> Reaction:
    """Most events tell something and want no answer."""
    return Reaction()
