"""Somebody follows or leaves the account."""

from typing import Any

from conversations.inbox import Reaction
from core.settings import get_district
from wechat_gateway.handlers import handles
from wechat_gateway.quota import Opening

WELCOME = (
    "您好,我是{assistant},{service}的智能助手。\n"
    "我可以:\n"
    "· 解答惠企政策(会注明出处)\n"
    "· 介绍创业担保贷款\n"
    "· 帮您找工作人员\n"
    "直接打字问我就行,比如“创业担保贷款能贷多少”。回复“人工”可以找人。"
)


@handles("event:subscribe")
def subscribe(_content: dict[str, Any]) -> Reaction:
    """Say who we are and what can be asked."""
    district = get_district()
    words = WELCOME.format(assistant=district.assistant_name, service=district.service_name)
    return Reaction(replies=(words,), opening=Opening.MOMENT)


@handles("event:unsubscribe")
def unsubscribe(_content: dict[str, Any]) -> Reaction:
    """Forget the follower; nobody is there to be answered."""
    return Reaction(unfollows=True)
