"""Somebody follows or leaves the account."""

from conversations.inbox import Reaction
from core.settings import get_district
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import handles
from wechat_gateway.inbound import text_of
from wechat_gateway.quota import Opening
from wechat_gateway.scene import SceneKind, parse_scene

WELCOME = (
    "您好,我是{assistant},{service}的智能助手,很高兴认识您。\n"
    "想问什么直接打字就行,比如:\n"
    "· 创业担保贷款能贷多少\n"
    "· 首贷贴息怎么申请\n"
    "政策都会告诉您出处,我不知道的会直说。\n"
    "找工作人员,回复“人工”;看看我还会什么,回复“帮助”。"
)
BY_SCENE = {
    SceneKind.EVENT: "您是扫活动的码来的:要签到的话,请再扫一次这个码。",
    SceneKind.GROUP: "您是从群里来的,之后发给您的消息会尽量贴合这个群。",
}


@handles("event:subscribe")
def subscribe(content: Fields) -> Reaction:
    """Say who we are and what can be asked; the first scan of a code follows the account and carries its scene."""
    district = get_district()
    words = WELCOME.format(assistant=district.assistant_name, service=district.service_name)
    scene = parse_scene(text_of(content, "EventKey"))
    if scene and scene.kind in BY_SCENE:
        words = f"{words}\n\n{BY_SCENE[scene.kind]}"
    return Reaction(replies=(words,), scene=scene, opening=Opening.MOMENT)


@handles("event:unsubscribe")
def unsubscribe(_content: Fields) -> Reaction:
    """Forget the follower; nobody is there to be answered."""
    return Reaction(unfollows=True)
