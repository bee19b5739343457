"""The choices that are offered when it is not clear what was meant: titles, and what picking one tells Rasa."""

import json

# Intents that are worth offering; nobody needs a choice "greeting".
TITLES = {
    "policy_question": "查惠企政策",
    "loan_info": "创业担保贷款的额度、利率和期限",
    "loan_eligibility": "我能不能申请创业担保贷款",
    "loan_materials": "申请创业担保贷款要的材料",
    "loan_process": "创业担保贷款怎么办理",
    "loan_progress": "查创业担保贷款的办理进度",
    "financing_need": "登记融资需求",
    "zjtx_check": "测一测公司够不够专精特新",
    "booking_create": "预约服务",
    "booking_change": "改预约时间",
    "booking_cancel": "取消预约",
    "booking_query": "查我的预约",
    "event_list": "看近期活动",
    "event_signup": "报名活动",
    "event_cancel": "取消活动报名",
    "event_checkin": "活动签到",
    "event_query": "查我的报名或活动详情",
    "profile_bind": "绑定或修改企业资料",
    "subscribe": "订阅政策推送",
    "unsubscribe": "退订推送",
    "complaint": "投诉或提建议",
    "help": "看看小通能做什么",
    "human": "找工作人员",
}
# Intents whose answer depends on the words: a choice carries them along.
ASKED_IN_WORDS = ("policy_question", "loan_info", "loan_materials", "loan_process")
MOST = 3  # choices besides the person
PERSON = {"title": TITLES["human"], "payload": "/human"}


def choices(ranking: list[str], words: str) -> list[dict[str, str]]:
    """Buttons (title and payload) for the likeliest intents, and always a person.

    Args:
        ranking: intents, likeliest first.
        words: what the follower wrote.
    """
    offered = [intent for intent in ranking if intent in TITLES and intent != "human"][:MOST]
    return [*({"title": TITLES[intent], "payload": _payload(intent, words)} for intent in offered), PERSON]


def with_question(intent: str, words: str) -> str:
    """The payload of an intent that carries words along."""
    return f"/{intent}{json.dumps({'question': words}, ensure_ascii=False)}"


def _payload(intent: str, words: str) -> str:
    return with_question(intent, words) if intent in ASKED_IN_WORDS else f"/{intent}"
