"""Whether what was found answers the question at all. A refusal needs more than the best score.

Three grounds, each checked against knowledge/dev:

- the question is about another place;
- no document in force is about it: a logistic function of how near the nearest passage is, which share of the question's
  content words the best document holds, and whether a lapsed document fits clearly better;
- the best document says itself that it lacks just this (`来源未说明`).
"""

import math
import re

from knowledge.index.terms import bigrams
from knowledge.ingest.splitter import sentences
from knowledge.question import AMOUNT, answers
from knowledge.rewrite.content import covered
from knowledge.search import Found, Hit

# Logistic regression on the tune halves of knowledge/dev, both classes weighted alike (docs/adr/0017).
WEIGHTS, CONSTANT = (58.0, 1.73, -2.43, 0.96), -57.4
THRESHOLD = 0.33
BARE = 0.07  # less for a document without questions that people ask: its passages are never as near as such a question

OWN = 0.6  # share of a follow-up's own content words that a document about the question before must hold
CLEARLY = 0.1  # of score, by which a lapsed document must fit better to speak against the best one in force
NEAR = 0.02  # cosine below the best passage at which a passage still speaks to the question
SAME_SUBJECT = 0.4  # share of a gap's bigrams that the question must share

_GAP = re.compile(
    r"(?:本次|摘要中?)*(?:来源未说明|未见(?:到?原文|到)?|未检索到|没有检索到|未显示|没有显示|未查到|被截断|没有给)"
)
_CLAUSE = re.compile(r"[,,。;;::()()“”]")
_FILLER = re.compile(r"具体|是否|能否|如何|本次|摘要中?|在$")
_REST = re.compile(r"(?:其他|清单|逐步流程|细节)?")  # "清单来源未说明" after a list that was given lacks nothing
_ASKS_MONEY = re.compile(r"多少(?:钱|万|元|税|房租|补)|[给奖补抵]多少|几个点|百分之几|比例|限额|金额|奖励")
_LACKS_MONEY = re.compile(r"奖励|补贴|金额|限额|幅度|标准|数字|比例|资金")
_MONEY = re.compile(r"\d[\d.]*(?:万|亿)?元|\d[\d.]*万")
_SHARE = re.compile(r"\d[\d.]*%|百分点")


def fits(question: str, found: Found, content: list[str]) -> float:
    """How likely it is that the best document is about what was asked, 0 to 1.

    Args:
        question: as it was searched.
        found: by the search.
        content: the question's content words.
    """
    if not found.hits:
        return 0.0
    speaking = zip(WEIGHTS, signals(question, found, content), strict=True)
    return 1 / (1 + math.exp(-CONSTANT - sum(weight * value for weight, value in speaking)))


def suffices(confidence: float, hit: Hit) -> bool:
    """Whether the best document is told at this confidence (`fits`)."""
    return confidence >= THRESHOLD - (0.0 if hit.policy.asked else BARE)


def continues(content: list[str], hit: Hit) -> bool:
    """Whether a document about an earlier question also speaks of what this one names, if it names anything."""
    return not content or covered(content, hit.text) >= OWN


def signals(question: str, found: Found, content: list[str]) -> tuple[float, float, float, float]:
    """What speaks for the best document and against it.

    Returns:
        The cosine of its nearest passage; the share of the content words that it holds; whether a lapsed document fits
        clearly better, 1 or 0; the length of the question (its logarithm), as short ones have low cosines.
    """
    best = found.hits[0]
    return best.cosine, covered(content, best.text), float(outdated(found)), math.log(max(len(question), 1))


def outdated(found: Found) -> bool:
    """Whether a lapsed document fits clearly better than the best one in force."""
    return bool(found.hits) and found.lapsed - found.hits[0].score > CLEARLY


def leaves_open(question: str, hit: Hit) -> bool:
    """Whether the document itself says that it lacks just what was asked."""
    nearest = hit.passages[0][1] if hit.passages else 0.0
    gaps = [gap for chunk, cosine in hit.passages if cosine >= nearest - NEAR for gap in _gaps(chunk.text)]
    asked = set(bigrams(question))
    if any(_shared(gap, asked) >= SAME_SUBJECT for gap in gaps):
        return True
    return bool(_ASKS_MONEY.search(question)) and _without_money(question, hit)


def _without_money(question: str, hit: Hit) -> bool:
    """Whether an amount is said to be lacking, and none of the asked kind stands where amounts would."""
    figure = _SHARE if re.search(r"几个点|百分之|比例", question) else _MONEY
    texts = [chunk.text for chunk, _cosine in hit.passages]
    if not any(_LACKS_MONEY.search(gap) for text in texts for gap in _gaps(text)):
        return False
    amounts = [chunk.text for chunk, _cosine in hit.passages if answers(chunk.heading, {AMOUNT})]
    given = [sentence for text in amounts for sentence in sentences(text) if not _GAP.search(sentence)]
    return not any(figure.search(sentence) for sentence in given)


def _gaps(text: str) -> list[str]:
    """What a passage says it lacks: the clause around `来源未说明`, or the one before where that is all it says."""
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause.strip()]
    found = []
    for at, clause in enumerate(clauses):
        if not _GAP.search(clause):
            continue
        subject = _FILLER.sub("", _GAP.sub("", clause))
        if not subject and at:
            subject = _FILLER.sub("", clauses[at - 1])
        if not _REST.fullmatch(subject):
            found.append(subject)
    return found


def _shared(gap: str, asked: set[str]) -> float:
    terms = bigrams(gap)
    return sum(term in asked for term in terms) / len(terms) if terms else 0.0
