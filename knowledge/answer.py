"""The answer as it is sent: the passage that answers, what it comes from, and how sure that is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.settings import get_district
from knowledge.figures import FigureKind, asked_for, figures, unsupported
from knowledge.index.terms import bigrams
from knowledge.ingest.splitter import sentences
from knowledge.models import Policy, Status
from knowledge.question import AMOUNT, answers, aspects
from knowledge.rewrite.numerals import to_digits
from knowledge.search import Hit, Passage

SHOWN_CHARACTERS = 240
MOST_KINDS = 3  # of figures: a question that asks for more (`有多少`) says nothing of what kind it wants
# Weights of a passage within its policy, next to its cosine (stretched to 0..1); and how much less than the best one a
# passage of another section may be worth to be shown too. Of knowledge/dev's questions with known figures, .94 see all of
# them; with 180 characters .92.
WORDS, HEADING, FIGURE, LESS = 0.5, 0.4, 0.3, 0.5
NATIONAL = "国家"
EMPLOYMENT = ("创业担保贷款", "就业与社保", "人才")  # categories that the district's office of district.yml answers for

# Who asks like this wants to hear yes.
_CLAIMS = re.compile(r"听说|据说|有人说|都说|说是|是吗|对吗|对吧|是吧|是不是|没错吧|真的吗|真有|吧(?=[？?。\s]|$)")
# In place of an issuer that the sheet does not know.
_UNKNOWN = re.compile(r"未说明|待核|[((]")
# Sentences in which the sheet's author speaks to the clerk.
_FOR_STAFF = re.compile(r"答复|话术|用户问|回答|不要引用|不得答|直说|核后再|核实再|再答|平台可用|csv|条目|知识库")
# What is left of a sentence on something that the sheet does not name.
_EMPTY = re.compile(r"资料里没有(?:查到|写明)[。;；]?\s*")
# What a sheet says of its own making, in words a reader understands.
_PLAIN = (
    (re.compile(r"(?:在?(?:本次)?摘要中?|本次)?(?:未见到?原文|没有检索到|未检索到|未查到|未见到?)"), "资料里没有查到"),
    (re.compile(r"本次只检索到"), "资料里只有"),
    (re.compile(r"(?:在?(?:本次)?摘要中?|本次)?(?:来源未说明|没有显示|未显示|被截断)"), "资料里没有写明"),
    (re.compile(r"[((][^(()))]*待核[^(()))]*[))]"), ""),
)


@dataclass(frozen=True)
class Cited:
    """A policy and those of its passages that are shown, in the document's order."""

    policy: Policy
    chunks: Sequence[Passage]
    score: float
    context: str = ""
    """What all passages that were compared tell the reader: it may stand elsewhere in the document."""

    @property
    def passage(self) -> str:
        """The cited text, word for word."""
        return "".join(chunk.text for chunk in self.chunks)

    @property
    def shown(self) -> str:
        """The cited text as it is sent: without what is meant for staff."""
        parts: list[str] = []
        for before, chunk in zip((None, *self.chunks), self.chunks, strict=False):
            text = plain(chunk.text)
            if text and parts and before and before.heading == chunk.heading:
                parts[-1] += text
            elif text:
                parts.append(text)
        return "\n".join(parts)


@dataclass(frozen=True)
class Source:
    """A policy behind an answer, as staff see it; the address may be of any site."""

    policy_id: str
    title: str
    doc_no: str | None
    url: str | None
    status: str
    passage: str
    score: float

    @classmethod
    def of(cls, policy: Policy, passage: str, score: float) -> "Source":
        """With what is cited of it, word for word."""
        return cls(
            policy.id, policy.title, policy.doc_no, policy.source_url, policy.status.value, passage, round(score, 4)
        )


def plain(text: str) -> str:
    """Sentences of a passage that are meant for the reader, in the reader's words."""
    kept = []
    for sentence in sentences(text):
        if not _FOR_STAFF.search(sentence):
            for pattern, words in _PLAIN:
                sentence = pattern.sub(words, sentence)
            kept.append(sentence)
    return "".join(sentence for sentence in kept if not _EMPTY.fullmatch(sentence))


def cite(question: str, hit: Hit, characters: int = SHOWN_CHARACTERS) -> Cited:
    """The passages of a policy that answer best, together at most `characters` long (one alone may be longer)."""
    cosines = [cosine for _chunk, cosine in hit.passages]
    low, spread = min(cosines), max(max(cosines) - min(cosines), 1e-6)
    # Who asks for nothing in particular wants to know what there is to be had.
    granted = takes_for_granted(question)
    asked = {AMOUNT} if granted else aspects(question) or {AMOUNT}
    terms, kinds = set(bigrams(question)), asked_for(question)

    def worth(chunk: Passage, cosine: float) -> float:
        words = len(terms.intersection(bigrams(chunk.text))) / max(len(terms), 1)
        given = bool(figures(chunk.text, kinds)) or any(
            not unsupported(figure, to_digits(chunk.text)) for figure in granted
        )
        return (cosine - low) / spread + WORDS * words + HEADING * answers(chunk.heading, asked) + FIGURE * given

    ranked = sorted(((worth(chunk, cosine), chunk) for chunk, cosine in hit.passages), key=lambda item: -item[0])
    readable = [(value, chunk) for value, chunk in ranked if plain(chunk.text)]
    chosen: list[Passage] = []
    for value, chunk in readable:
        wanted = chunk.heading == readable[0][1].heading or value >= ranked[0][0] - LESS
        length = sum(len(plain(one.text)) for one in (*chosen, chunk))
        if not chosen or (wanted and length <= characters):
            chosen.append(chunk)
    context = "\n".join(plain(chunk.text) for chunk, _cosine in hit.passages)
    return Cited(hit.policy, sorted(chosen, key=lambda chunk: chunk.position), hit.score, context)


def cite_section(hit: Hit, kind: int, characters: int) -> Cited:
    """The beginning of the sections that answer one kind of question, whatever was asked within it; may be empty."""
    chunks: list[Passage] = []
    for chunk, _cosine in sorted(hit.passages, key=lambda item: item[0].position):
        if answers(chunk.heading, {kind}) and sum(len(one.text) for one in chunks) + len(chunk.text) <= characters:
            chunks.append(chunk)
    return Cited(hit.policy, chunks, hit.score)


def compose(question: str, cited: Sequence[Cited], *, said: str = "", body: str | None = None) -> str | None:
    """The text to send; None where a figure in it does not stand in what it cites.

    Args:
        question: as it was searched: a figure that it asks for is told first.
        cited: at least one; further ones say something else about the same matter.
        said: the question as it was written: what it takes for granted is not confirmed.
        body: the first one's passage in other words.
    """
    first, others = cited[0], cited[1:]
    lines = [body or figure_first(question, first.shown), "", *source_lines(first.policy)]
    claimed = unfounded(said, "\n".join(f"{one.shown}\n{one.context}" for one in cited))
    lines[:0] = preface(said, claimed)
    for other in others:
        lines += ["", f"另有{other.policy.level}的规定，说法不同：{other.shown}", *source_lines(other.policy)]
    if doubtful := [one.policy for one in cited if uncertain(one.policy)]:
        lines += ["", doubt(doubtful[0])]
    text = "\n".join(lines)
    evidence = [*claimed]  # figures of the asker's own, said to stand nowhere
    for one in cited:
        evidence += [one.passage, *(chunk.text for chunk in one.chunks), *source_lines(one.policy), office(one.policy)]
    return None if not first.shown or unsupported(text, "\n".join(evidence)) else text


def figure_first(question: str, shown: str) -> str:
    """The text with the sentence in front that holds the figure asked for; unchanged where none is asked for."""
    kinds = asked_for(question)
    lines = [sentences(line) for line in shown.splitlines()]
    found = [sentence for line in lines for sentence in line if figures(sentence, kinds)] if kinds else []
    if not found:
        return shown
    terms = set(bigrams(question))

    likeliest = kinds if len(kinds) > MOST_KINDS else kinds[:1]

    def worth(sentence: str) -> tuple[bool, int]:
        return bool(figures(sentence, likeliest)), len(terms.intersection(bigrams(sentence)))

    best = max(found, key=worth)
    rest = ["".join(sentence for sentence in line if sentence != best) for line in lines]
    return "\n".join([best, *filter(None, rest)])


def preface(said: str, claimed: Sequence[str]) -> list[str]:
    """What stands in front of an answer to somebody who wants to hear yes, so that it does not sound like one.

    Args:
        said: the question as it was written.
        claimed: figures that it takes for granted and the documents do not hold.
    """
    if claimed:
        return [f"您说的“{'、'.join(claimed)}”，我查到的文件里没有。文件里写的是："]
    return ["文件里是这样写的："] if _CLAIMS.search(said) else []


def takes_for_granted(question: str) -> list[str]:
    """Figures of a question that wants to hear yes, in digits."""
    if not _CLAIMS.search(question):
        return []
    return figures(to_digits(question), (FigureKind.MONEY, FigureKind.SHARE, FigureKind.SPAN))


def unfounded(question: str, evidence: str) -> list[str]:
    """Figures that the question takes for granted and the evidence does not hold, in whatever notation."""
    return [figure for figure in takes_for_granted(question) if unsupported(figure, to_digits(evidence))]


def source_lines(policy: Policy) -> list[str]:
    """Title, number, issuer, dates and, where it is an official site, the link: what WeChat users see of a source."""
    number = policy.doc_no if policy.doc_no and "未说明" not in policy.doc_no else ""
    issuers = known_issuers(policy)
    issuer = f"{issuers[0]}等" if len(issuers) > 1 else "".join(issuers)
    if issuers and issuers[0] in f"{policy.title}{number}":
        issuer = ""
    brackets = "，".join(filter(None, (number, issuer)))
    dates = []
    if policy.effective:
        dates.append(f"{day(policy.effective)}起执行")
    elif policy.issued:
        dates.append(f"{day(policy.issued)}发布")
    if policy.expires:
        dates.append(f"到{day(policy.expires)}为止")
    lines = ["，".join([f"依据：《{policy.title}》" + (f"（{brackets}）" if brackets else ""), *dates])]
    if policy.source_url and official(policy.source_url):
        lines.append(policy.source_url)
    return lines


def known_issuers(policy: Policy) -> list[str]:
    """Who issued it, without what the sheet says of its own doubts."""
    return [name for name in policy.issuer or () if not _UNKNOWN.search(name)]


def official(url: str) -> bool:
    """Whether a link is to a government site: its host is gov.cn or below it, for browsers as for us."""
    if "\\" in url:
        return False  # a browser reads it as a slash, and then another host
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    return host == "gov.cn" or host.endswith(".gov.cn")


def uncertain(policy: Policy) -> bool:
    """Whether the answer must say that the policy is not sure to apply."""
    return policy.status is Status.UNCERTAIN or policy.confidence == "low"


def doubt(policy: Policy) -> str:
    """The line that says so and names whom to ask."""
    return f"这项规定现在是否还照此执行，我不能确定，办理前请向{office(policy)}核实。"


def office(policy: Policy) -> str:
    """Whom to ask about a policy: for work and loans the district's office, for rules of the city their issuer."""
    district = get_district()
    if policy.category in EMPLOYMENT:
        return district.office
    issuers = known_issuers(policy)
    return issuers[0] if issuers and policy.level != NATIONAL else f"{district.name}的主管部门"


def day(value: str) -> str:
    """`2024-06-01` as 2024年6月1日, `2024-06` as 2024年6月, `2024` as 2024年."""
    return "".join(f"{int(part)}{unit}" for part, unit in zip(value.split("-"), "年月日", strict=False))
