"""Buttons of the account's menu."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles, intent_named
from wechat_gateway.inbound import text_of
from wechat_gateway.quota import Opening

UNKNOWN = f"这个菜单按钮我还不认识。{TYPE_INSTEAD}"


@handles("event:click")
def click(content: Fields) -> Reaction:
    """Act as the intent that the button's key names. A menu may be newer than this program."""
    intent = intent_named(text_of(content, "EventKey"))
    if intent is None:
        return Reaction(replies=(UNKNOWN,), opening=Opening.MOMENT)
    return Reaction(intent=intent, opening=Opening.MOMENT)


@handles("event:view")
def view(_content: Fields) -> Reaction:
    """The follower is looking at a page; WeChat opens no window for it."""
    return Reaction()
