"""WeChat's own human service: while one of its agents has a follower, WeChat brings us none of his messages.

Source: the platform's page on forwarding messages to customer service. A session that nobody closes ends after 30
minutes (`followers.why_silent`); from then on, and as soon as a message of his reaches us (`followers.welcome_back`), he
is ours again.
"""

from sqlalchemy.orm import Session

from conversations import deliveries
from conversations.models import Follower
from core.clock import now


def note(session: Session, follower: Follower, agent: str) -> None:
    """An agent (his account) has the follower, or nobody has any more (""). What the bot has not said yet it never says."""
    follower.agent, follower.agent_since = (agent[:64], now()) if agent else (None, None)
    if agent:
        deliveries.drop_unsent(session, follower.id, "taken over")
