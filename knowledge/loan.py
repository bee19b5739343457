"""创业担保贷款: which section of its guide answers a question that asks for nothing special, and what it rests on.

The sheets disagree with each other and with their age, and search finds words, not what holds today: `最长几年` is
nearest to a rule of 2016. The guide sets the rules of Beijing and of the state side by side, with their dates.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.clock import today
from core.db import reading
from knowledge.ingest.splitter import section_text
from knowledge.models import Policy

LOAN = "创业担保贷款"
"""Its name, and the category of its policies."""

_SECTIONS = (
    (r"材料|资料|证件|手续|准备些?(?:什么|啥|哪)|要?带(?:什么|啥|哪)", "申请材料"),
    (r"反担保|担保(?:人|费|公司|方式|怎么|谁)|谁.{0,3}担保|抵押|质押|保证人", "担保与反担保"),
    (r"利[息率]|贴息|几个点|多少点|成本", "利率与贴息"),
    (r"展期|延期|续贷|再贷|几次|几回|第二次", "次数与展期"),
    (r"(?:怎么|怎样|如何|咋)(?:办理|申请|贷|弄)|流程|步骤|程序", "办理流程"),
    (r"多少|额度|金额|上限|最[高多大]|几万|几年|期限|多久|多长|年限|还多长", "额度与期限"),
    (r"谁[能可]|哪些?人|什么人|啥人|对象|条件|要求", "申请对象"),
    (r"是什么|是啥|什么是|啥是|什么叫|介绍|了解|啥意思|怎么回事|说说|讲讲", "这是什么贷款"),
)
# What a question may say besides and still ask for nothing special.
_USUAL = re.compile(
    r"创业担保贷款?|创业贷款?|创担贷?款?|担保贷款?|小额|贷款?|借款?|钱|北京市?|通州区?|个人|企业|公司|小微|我们?|你们?|咱们?|您|"
    r"请问|想?问问?一?下?|想|知道|了解|一下|那个|这个|现在|目前|到底|一般|大概|可以|能|会|要不要|有没有|是不是|不|有|要|得|是|的|呢|啊|"
    r"呀|吗|嘛|了|和|跟|按|算|怎么样?|怎样|咋样?|贴|什么|啥|哪些?|国家|政府|财政|给|到|就|嗯|呃|说|办理?|去哪?|下|申请|准备|人|高|低|补|还|每|"
    r"一?年|元|万|[,。?!,.?!\s]"
)
_SPECIAL = 3  # characters left over that make a question a special one
_NAMED = re.compile(r"创业?担|创业.{0,2}贷")
_OWN_RULES = re.compile(r"亦庄|经开|开发区")  # parts of Beijing where another fund pays


@dataclass(frozen=True)
class Guided:
    """A section of the guide.

    Attributes:
        text: what it says.
        policies: those that it names, in its order.
        guide: the guide itself.
    """

    text: str
    policies: Sequence[Policy]
    guide: Policy


def section(question: str) -> str:
    """Heading of the guide's section for a plain question on the loan; empty where it asks for something special."""
    if _OWN_RULES.search(question):
        return ""
    for asked, heading in _SECTIONS:
        rest, found = re.subn(asked, "", question)
        if found:
            return heading if is_plain(rest) else ""
    return ""


def named(question: str) -> bool:
    """Whether a question, as it is searched, names the loan."""
    return bool(_NAMED.search(question))


def meant(question: str) -> bool:
    """Whether a question that was taken for one on the loan names it, or nothing else: `要什么材料`, not `首贷要什么材料`."""
    for asked, _heading in _SECTIONS if not named(question) else ():
        question = re.sub(asked, "", question)
    return named(question) or not _USUAL.sub("", question)


def is_plain(question: str) -> bool:
    """Whether a question says nothing that would need a document of its own."""
    return len(_USUAL.sub("", question)) < _SPECIAL


def guided(heading: str) -> Guided | None:
    """What the guide says under a heading.

    None where the guide lacks it, or where a document that it names is no longer in force: then it must not be told.
    """
    with reading() as session:
        everything = session.scalars(select(Policy).where(Policy.category == LOAN)).all()
        in_force = set(session.scalars(select(Policy.id).where(Policy.category == LOAN, Policy.in_force(today()))))
    guide = next((policy for policy in everything if policy.guide), None)
    text = section_text(guide.body, heading) if guide else ""
    named_here = [policy for policy in everything if not policy.guide and policy.doc_no and policy.doc_no in text]
    if guide is None or not text or not in_force.issuperset(policy.id for policy in (*named_here, guide)):
        return None
    return Guided(text, sorted(named_here, key=lambda policy: text.index(policy.doc_no or "")), guide)
