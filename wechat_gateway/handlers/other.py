"""Kinds that have no handler of their own (yet): stored, and answered politely."""

from typing import Any

from conversations.inbox import Reaction
from wechat_gateway.handlers import handles
from wechat_gateway.quota import Opening

TYPE_PLEASE = "收到啦。小通目前只看得懂文字,麻烦您把想问的打字发给我;需要工作人员看的,回复“人工”。"


@handles("*")
def message(_content: dict[str, Any]) -> Reaction:
    """A picture, a voice, a place: kept for staff."""
    return Reaction(replies=(TYPE_PLEASE,), opening=Opening.MESSAGE)


@handles("event:*")
def event(_content: dict[str, Any]) -> Reaction:
    """Most events tell something (a template was delivered, a page was viewed) and want no answer."""
    return Reaction()


@handles("event:click", "event:scan")
def menu_or_scan(_content: dict[str, Any]) -> Reaction:
    """A menu click or a scanned code: a person waits for an answer."""
    return Reaction(replies=(TYPE_PLEASE,), opening=Opening.MOMENT)
