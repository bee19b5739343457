"""What a person who logged in on a web page of ours had allowed us to know, and takes back.

The sender of these pushes is a service of the platform; inbound.py puts the person in its place.
"""

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import handles


@handles("event:user_info_modified", "event:user_authorization_revoke")
def withdrawn(_content: Fields) -> Reaction:
    """Only stored. It concerns nickname and picture, which we never ask for, so there is nothing to delete.

    Whoever withdraws it may well go on following the account: what he wrote to us stays until he leaves.
    """
    return Reaction(by_follower=False)


@handles("event:user_authorization_cancellation")
def account_closed(_content: Fields) -> Reaction:
    """The person has closed the WeChat account itself: forget him as one who has left."""
    return Reaction(unfollows=True)
