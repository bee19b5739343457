"""WeChat's own human service: while an agent has the follower, messages go to the agent and not to us."""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import handles
from wechat_gateway.inbound import text_of

MAX_ACCOUNT = 64  # characters; WeChat's are `name@account`


@handles("event:kf_create_session")
def taken(content: Fields) -> Reaction:
    """An agent has taken the follower. The desk speaks from now on, so nothing is said here or below."""
    return Reaction(agent=_account(content, "KfAccount"))


@handles("event:kf_switch_session")
def passed_on(content: Fields) -> Reaction:
    """Another agent has taken over."""
    return Reaction(agent=_account(content, "ToKfAccount"))


@handles("event:kf_close_session")
def given_back(_content: Fields) -> Reaction:
    """The follower is ours again."""
    return Reaction(agent="")


def _account(content: Fields, name: str) -> str | None:
    """The agent; None where the push names none, for an empty name would mean that there is none any more."""
    return text_of(content, name)[:MAX_ACCOUNT] or None
