"""The knowledge base as others use it: ask, search, ingest, index, and whether it works."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from core.clock import today
from core.db import reading
from core.settings import get_district
from knowledge import catalogue, loan, refusal
from knowledge.answer import Cited, cite, cite_section, compose, doubt, office, source_lines
from knowledge.catalogue import Report
from knowledge.errors import KnowledgeUnavailable
from knowledge.ingest.splitter import section_text
from knowledge.models import Policy
from knowledge.question import AMOUNT, aspects, elsewhere, prepare
from knowledge.search import Hit
from knowledge.search import search as find

LOAN = "创业担保贷款"
LOAN_TOPICS = {"loan_info": "", "loan_materials": "申请材料", "loan_process": "办理流程"}
"""Topics of `answer`; those with a heading are always answered from that section of the loan's guide."""

__all__ = ["Answer", "KnowledgeUnavailable", "Report", "Source", "answer", "build_index", "ingest", "ready", "search"]

LOOKED_AT = 5  # hits that an answer may cite
ALL = 50  # policies of a category, for what must be told together
COMPARED_CHARACTERS = GAP_CHARACTERS = 140
CLOSE = 0.25  # score below the best hit at which the loan's present rules still come before its history

OFFER = "需要的话回复“人工”,请工作人员帮您看。"
NOTHING = "我的资料里没有能回答这个问题的内容,不敢凭印象答您。" + OFFER
LAPSED = "这方面的政策,我的资料里只有已经到期的,没有查到现在执行的。" + OFFER
ELSEWHERE = "我的资料里只有国家和北京的政策,没有{place}的,答不了您。" + OFFER
EMPTY = "您想了解哪方面的政策?直接发给我就行。"


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


@dataclass(frozen=True)
class Answer:
    """What to send. Where the documents hold no answer, `no_answer`, and the text says so and offers a person."""

    text: str
    no_answer: bool
    sources: list[Source] = field(default_factory=list)


def answer(question: str, topic: str | None = None) -> Answer:
    """Answer from the documents in force, or say that they hold no answer.

    Args:
        question: as the follower wrote it; what goes beyond 500 characters is not read.
        topic: one of `LOAN_TOPICS`, to stay within the loan's documents however short the question is; None: all.

    Raises:
        KnowledgeUnavailable: model, index or tables are missing.
    """
    words = prepare(question)
    if place := elsewhere(words):
        return Answer(ELSEWHERE.format(place=place), no_answer=True)
    if topic is not None:
        return _about_loan(words, LOAN_TOPICS[topic] or loan.section(words))
    if not words:
        return Answer(EMPTY, no_answer=True)
    found = find(words, LOOKED_AT)
    if refusal.fits(found) < refusal.THRESHOLD:
        lapsed = bool(found.hits) and found.lapsed > found.hits[0].score
        return Answer(LAPSED if lapsed else NOTHING, no_answer=True)
    return _from_hits(words, found.hits)


def search(question: str, limit: int = LOOKED_AT) -> list[Source]:
    """Policies in force for a question, best first, with the passages that answer it best.

    Raises:
        KnowledgeUnavailable: as `answer`.
    """
    words = prepare(question)
    return [_source(cite(words, hit)) for hit in find(words, limit).hits] if words else []


def ingest(paths: list[Path]) -> Report:
    """Read files and folders into the database; the index does not know them before `build_index`."""
    return catalogue.ingest_paths(paths)


def build_index(progress: Callable[[int, int], None] = lambda _at, _of: None) -> int:
    """Index what is in the database; running processes take the new index up by themselves. Number of policies."""
    return catalogue.build_index(progress)


def ready() -> None:
    """Do nothing if the knowledge base answers: the title of a policy in force finds that policy.

    Raises:
        KnowledgeUnavailable: it does not; the text says what to run.
    """
    with reading() as session:
        known = session.scalars(
            select(Policy).where(Policy.in_force(today()), Policy.guide.is_(False)).order_by(Policy.id).limit(1)
        ).first()
    if known is None:
        raise KnowledgeUnavailable("the database holds no policy in force; run `tongqi knowledge ingest`")
    if known.id not in (hit.policy.id for hit in find(known.title, LOOKED_AT).hits):
        raise KnowledgeUnavailable(f"the index does not find {known.id}; run `tongqi knowledge index`")


def _from_hits(words: str, hits: list[Hit]) -> Answer:
    if refusal.leaves_open(words, hits[0]):
        near = cite(words, hits[0], GAP_CHARACTERS)
        lines = [f"《{near.policy.title}》没有写明这一点,请向{office(near.policy)}核实。{OFFER}"]
        return Answer("\n".join([*lines, "", "相关内容供参考:", compose([near]) or ""]).strip(), True, [_source(near)])
    cited = [cite(words, hits[0]), *_disagreeing(words, hits[0].policy)]
    text = compose(cited)
    return Answer(text, False, [_source(one) for one in cited]) if text else Answer(NOTHING, no_answer=True)


def _disagreeing(words: str, policy: Policy) -> list[Cited]:
    """What must be told with a policy's amounts: the passages of its rivals that give theirs."""
    if not policy.compare_with or AMOUNT not in aspects(words):
        return []
    found = [hit for hit in find(words, ALL, policy.category).hits if hit.policy.id in policy.compare_with]
    return [one for hit in found if (one := cite_section(hit, AMOUNT, COMPARED_CHARACTERS)).chunks]


def _about_loan(words: str, heading: str) -> Answer:
    if heading and (guided := _from_guide(heading)):
        return guided
    hits = find(words if "贷" in words else f"{get_district().city}{LOAN} {words}", LOOKED_AT, LOAN).hits
    return _from_hits(words, hits) if hits else Answer(NOTHING, no_answer=True)


def _from_guide(heading: str) -> Answer | None:
    """A section of the loan's guide, with the documents that it names as its sources.

    None where the guide lacks it, or where one of these documents is no longer in force: then it must not be told.
    """
    with reading() as session:
        everything = session.scalars(select(Policy).where(Policy.category == LOAN)).all()
        in_force = set(session.scalars(select(Policy.id).where(Policy.in_force(today()))))
    guide = next((policy for policy in everything if policy.guide), None)
    text = section_text(guide.body, heading) if guide else ""
    named = [policy for policy in everything if not policy.guide and policy.doc_no and policy.doc_no in text]
    if guide is None or not text or not in_force.issuperset(policy.id for policy in (*named, guide)):
        return None
    named.sort(key=lambda policy: text.index(policy.doc_no or ""))
    lines = [line for policy in named or [guide] for line in source_lines(policy)]
    sources = [
        Source(policy.id, policy.title, policy.doc_no, policy.source_url, policy.status.value, text, 1.0)
        for policy in (*named, guide)
    ]
    return Answer("\n".join([text, "", *lines, "", doubt(guide)]), False, sources)


def _source(cited: Cited) -> Source:
    policy = cited.policy
    return Source(
        policy.id,
        policy.title,
        policy.doc_no,
        policy.source_url,
        policy.status.value,
        cited.passage,
        round(cited.score, 4),
    )
