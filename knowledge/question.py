"""What a question asks: which kind of thing, and about which place."""

import re
from functools import cache
from pathlib import Path

# What a question asks, by its words, and the headings that answer it.
_ASPECTS = (
    (
        r"多少|几个点|几成|最多|最高|封顶|上限|额度|百分之|比例|减半|金额|给钱|费率|几类|几倍",
        r"支持|内容|标准|金额|额度",
    ),
    (
        r"条件|要求|门槛|资格|符合|算不算|满足|占比|够不够|行不行|能不能|可以.*吗|能.*[吗不]$|[得要].*才",
        r"条件|对象|资格|要求",
    ),
    (r"材料|证件|资料|手续|证明|凭证|单据|扫描件|准备(些?什么|些?啥|哪)|要带|带什么|带啥", r"材料|清单"),
    (
        r"(怎么|怎样|咋|如何)(办|申请|申报|报|弄|领)|流程|步骤|哪里|哪儿|在哪|去哪|上哪|哪个|找谁|找哪|电话|地址|渠道|入口|网上|线上|审批",
        r"流程|渠道|办理|步骤|方式",
    ),
    (
        r"什么时候|啥时候|什么时间|哪一?天|哪一?年|几号|几月|几时|几年|几个月|截止|到期|期限|多久|多长时间|执行到|有效期|几天|日期",
        r"时间|期限|节点|有效",
    ),
)
AMOUNT, CONDITION = 0, 1

_HERE = re.compile(
    r"北京|通州|本市|副中心|京籍|马驹桥|宋庄|张家湾|台湖|梨园|潞城|潞源|永乐店|于家务|西集|漷县|九棵树|果园"
)
# Where somebody comes from or keeps an account says nothing about where the question is about.
_NOT_ABOUT = r"(?!银行|户口|户籍|人(?![力才社])|籍|菜|老家|路|大厦)"


def aspects(question: str) -> set[int]:
    """Which kinds of thing are asked: `AMOUNT`, `CONDITION`, and others that only `answers` tells apart."""
    return {kind for kind, (asked, _headings) in enumerate(_PATTERNS) if asked.search(question)}


def answers(heading: str, asked: set[int]) -> bool:
    """Whether a section of that heading answers one of the kinds."""
    return any(_PATTERNS[kind][1].search(heading) for kind in asked)


def elsewhere(question: str) -> str | None:
    """The place outside Beijing that the question is about; None where it names none, or Beijing as well."""
    if _HERE.search(question):
        return None
    match = _places().search(question)
    return match[0] if match else None


@cache
def _places() -> re.Pattern[str]:
    lines = Path(__file__).with_name("places.txt").read_text("utf-8").splitlines()
    names = [name for line in lines if not line.startswith("#") for name in line.split()]
    return re.compile(f"(?:{'|'.join(sorted(names, key=len, reverse=True))}){_NOT_ABOUT}")


_PATTERNS = tuple((re.compile(asked), re.compile(headings)) for asked, headings in _ASPECTS)
