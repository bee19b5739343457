"""The answer as it is sent: the passage that answers, what it comes from, and how sure that is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.settings import get_district
from knowledge.figures import unsupported
from knowledge.index import bigrams
from knowledge.ingest.splitter import sentences
from knowledge.models import Chunk, Policy, Status
from knowledge.question import AMOUNT, answers, aspects
from knowledge.search import Hit

SHOWN_CHARACTERS = 180
# Weights of a passage within its policy, next to its cosine (stretched to 0..1); and how much less than the best one a
# passage of another section may be worth to be shown too. On knowledge/dev's 129 questions with known figures, .94 see
# all of them, in 114 characters on average; a bound of .3 shows .90 in 96.
WORDS, HEADING, LESS = 0.5, 0.4, 0.5
EMPLOYMENT = ("创业担保贷款", "就业与社保", "人才")  # categories that the district's office of district.yml answers for

# Sentences in which the sheet's author speaks to the clerk.
_FOR_STAFF = re.compile(r"答复|话术|用户问|回答|不要引用|不得答|直说|核后再|核实再|再答|平台可用|csv|条目|知识库")
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
    chunks: Sequence[Chunk]
    score: float

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


def plain(text: str) -> str:
    """Sentences of a passage that are meant for the reader, in the reader's words."""
    kept = "".join(sentence for sentence in sentences(text) if not _FOR_STAFF.search(sentence))
    for pattern, words in _PLAIN:
        kept = pattern.sub(words, kept)
    return kept


def cite(question: str, hit: Hit, characters: int = SHOWN_CHARACTERS) -> Cited:
    """The passages of a policy that answer best, together at most `characters` long (one alone may be longer)."""
    cosines = [cosine for _chunk, cosine in hit.passages]
    low, spread = min(cosines), max(max(cosines) - min(cosines), 1e-6)
    # Who asks for nothing in particular wants to know what there is to be had.
    asked, terms = aspects(question) or {AMOUNT}, set(bigrams(question))

    def worth(chunk: Chunk, cosine: float) -> float:
        words = len(terms.intersection(bigrams(chunk.text))) / max(len(terms), 1)
        return (cosine - low) / spread + WORDS * words + HEADING * answers(chunk.heading, asked)

    ranked = sorted(((worth(chunk, cosine), chunk) for chunk, cosine in hit.passages), key=lambda item: -item[0])
    readable = [(value, chunk) for value, chunk in ranked if plain(chunk.text)]
    chosen: list[Chunk] = []
    for value, chunk in readable:
        wanted = chunk.heading == readable[0][1].heading or value >= ranked[0][0] - LESS
        length = sum(len(plain(one.text)) for one in (*chosen, chunk))
        if not chosen or (wanted and length <= characters):
            chosen.append(chunk)
    return Cited(hit.policy, sorted(chosen, key=lambda chunk: chunk.position), hit.score)


def cite_section(hit: Hit, kind: int, characters: int) -> Cited:
    """The beginning of the sections that answer one kind of question, whatever was asked within it; may be empty."""
    chunks: list[Chunk] = []
    for chunk in hit.policy.chunks:
        if answers(chunk.heading, {kind}) and sum(len(one.text) for one in chunks) + len(chunk.text) <= characters:
            chunks.append(chunk)
    return Cited(hit.policy, chunks, hit.score)


def compose(cited: Sequence[Cited]) -> str | None:
    """The text to send; None where a figure in it does not stand in what it cites.

    Args:
        cited: at least one; further ones say something else about the same matter.
    """
    first, others = cited[0], cited[1:]
    lines = [first.shown, "", *source_lines(first.policy)]
    for other in others:
        lines += ["", f"另有{other.policy.level}的规定,说法不同:{other.shown}", *source_lines(other.policy)]
    if any(uncertain(one.policy) for one in cited):
        lines += ["", doubt(first.policy)]
    text = "\n".join(lines)
    evidence = "\n".join(part for one in cited for part in (one.passage, *source_lines(one.policy)))
    return None if not first.shown or unsupported(text, evidence) else text


def source_lines(policy: Policy) -> list[str]:
    """Title, number, dates and, where it is an official site, the link: what WeChat users see of a source."""
    number = f"({policy.doc_no})" if policy.doc_no and "未说明" not in policy.doc_no else ""
    dates = []
    if policy.effective:
        dates.append(f"{day(policy.effective)}起执行")
    elif policy.issued:
        dates.append(f"{day(policy.issued)}发布")
    if policy.expires:
        dates.append(f"到{day(policy.expires)}为止")
    lines = [f"依据:《{policy.title}》{number}" + (f",{','.join(dates)}" if dates else "")]
    if policy.source_url and official(policy.source_url):
        lines.append(policy.source_url)
    return lines


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
    return f"这项规定现在是否还照此执行,我不能确定,办理前请向{office(policy)}核实。"


def office(policy: Policy) -> str:
    """Whom to ask about a policy."""
    district = get_district()
    return district.office if policy.category in EMPLOYMENT else f"{district.name}的主管部门"


def day(value: str) -> str:
    """`2024-06-01` as 2024年6月1日, `2024-06` as 2024年6月, `2024` as 2024年."""
    return "".join(f"{int(part)}{unit}" for part, unit in zip(value.split("-"), "年月日", strict=False))
