"""From a question to its answer: what it means, a reviewed pair, the loan's guide, or the documents; or an honest no."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.clock import today
from core.settings import get_district
from knowledge import heirs, loan, refusal, wording
from knowledge.answer import Cited, Source, cite, cite_section, compose, doubt, office, preface, source_lines, unfounded
from knowledge.encoder import get_encoder
from knowledge.faq import matching
from knowledge.faq.matching import FaqHit
from knowledge.figures import FigureKind, figures
from knowledge.index.terms import bigrams
from knowledge.loan import LOAN
from knowledge.models import Policy
from knowledge.question import AMOUNT, answers, aspects, elsewhere
from knowledge.records.explanation import Candidate, Chosen, Explanation, Rewritten, Verdict
from knowledge.rewrite import rewrite, rewriting
from knowledge.rewrite.content import content_words
from knowledge.search import Filters, Found, Hit, get_live, search

LOAN_TOPICS = {"loan_info": "", "loan_materials": "申请材料", "loan_process": "办理流程"}
"""Topics of `answer`, each with the section of the loan's guide that answers it where the question says no more."""

LOOKED_AT = 5  # hits that an answer may cite
ALL = 50  # policies of a category, for what must be told together
COMPARED_CHARACTERS = GAP_CHARACTERS = 140
CLOSEST = 3  # topics that are offered where there is no answer
CLOSEST_CHARACTERS = 20  # of a topic's name in a choice
_NAMED = re.compile(r"^关于(?:印发|发布|公布)《([^》]+)》")

OFFER = "需要的话回复“人工”，请工作人员帮您看。"
NOTHING = "我的资料里没有能回答这个问题的内容，不敢凭印象答您。"
LAPSED = "这方面的政策，我的资料里只有已经到期的，没有查到现在执行的。"
REPLACED = "这方面原来的规定已经由《{title}》代替，旧的不再执行。"
REPLACES = "原来的规定已由这份文件代替，按现在的规定："
ELSEWHERE = "我的资料里只有国家和北京的政策，没有{place}的，答不了您。" + OFFER
EMPTY = "您想了解哪方面的政策？直接发给我就行。"
PERHAPS = "您想问的是不是下面哪一个？都不是的话，回复“人工”，请工作人员帮您看。"


@dataclass(frozen=True)
class Asker:
    """Who asks.

    Attributes:
        before: his earlier messages of this conversation, oldest first.
        company: words for his kind of company, such as `个体工商户`, for which some policies are meant.
        turn_id, follower_id: of the conversation; None: nobody in particular.
    """

    before: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    turn_id: int | None = None
    follower_id: int | None = None


@dataclass(frozen=True)
class Choice:
    """A topic that is offered: its name, and the question that picking it asks."""

    title: str
    question: str


@dataclass(frozen=True)
class Answer:
    """What to send. Where the documents hold no answer, `no_answer`, and the text says so and offers a person.

    Attributes:
        choices: topics to pick from, the closest first.
        record: number under which it was written down; 0: it was not.
    """

    text: str
    no_answer: bool
    sources: list[Source] = field(default_factory=list)
    choices: tuple[Choice, ...] = ()
    record: int = 0

    def recorded(self, record: int) -> "Answer":
        """The same answer under its number."""
        return replace(self, record=record)


@dataclass(frozen=True)
class _Asked:
    """A question as it was written, and as it is searched."""

    said: str
    words: str


@dataclass(frozen=True)
class _Outcome:
    """An answer, and what its explanation needs besides."""

    answer: Answer
    verdict: Verdict
    chosen: Sequence[Chosen] = ()
    found: Found | None = None
    confidence: float = 0.0
    faq_id: int | None = None


def answer(question: str, topic: str | None, asker: Asker) -> tuple[Answer, Explanation]:
    """The answer, and everything that it came from.

    Raises:
        KnowledgeUnavailable: model or tables are missing.
    """
    rewritten, outcome = _understood(question, topic, asker)
    hits = outcome.found.hits if outcome.found else []
    explanation = Explanation(
        question=question,
        verdict=outcome.verdict,
        rewritten=Rewritten(rewritten.text, rewritten.changes),
        confidence=outcome.confidence,
        revision=outcome.found.revision if outcome.found else get_live().revision,
        encoder=get_encoder().name,
        candidates=[Candidate(hit.policy.id, hit.policy.title, hit.lexical, hit.dense, hit.score) for hit in hits],
        chosen=outcome.chosen,
        faq_id=outcome.faq_id,
        turn_id=asker.turn_id,
        follower_id=asker.follower_id,
    )
    return outcome.answer, explanation


def _understood(question: str, topic: str | None, asker: Asker) -> tuple[rewriting.Rewritten, _Outcome]:
    """The answer to the question as it reads, alone or leaning on the one before; where that has none, read the other way.

    “能享受到哪年” after one about veterans' taxes does not show that it goes on from it, “红烧肉怎么做呢” only seems to.
    """
    lexicon = get_live().lexicon()
    rewritten = rewrite(question, lexicon, asker.before)
    outcome = _answer(_Asked(question, rewritten.text), topic, asker)
    if not asker.before or _holds(question, rewritten, outcome):
        return rewritten, outcome
    leaning = rewritten.topic_from is not None
    other = rewrite(question, lexicon) if leaning else rewrite(question, lexicon, asker.before, leaning=True)
    second = _answer(_Asked(question, other.text), topic if leaning else None, asker)
    return (other, second) if leaning or _holds(question, other, second) else (rewritten, outcome)


def _holds(question: str, rewritten: rewriting.Rewritten, outcome: _Outcome) -> bool:
    """Whether this is an answer; to a follow-up, one from a document that also has what the follow-up names itself."""
    if rewritten.topic_from is None or outcome.verdict is Verdict.REFUSED:
        return outcome.verdict is not Verdict.REFUSED
    lexicon, hits = get_live().lexicon(), outcome.found.hits if outcome.found else []
    own = content_words(rewrite(question, lexicon).text, lexicon)
    return not hits or (outcome.verdict is not Verdict.LAPSED and refusal.continues(own, hits[0]))


def source_of(cited: Cited) -> Source:
    """A cited policy as staff see it."""
    return Source.of(cited.policy, cited.passage, cited.score)


def _answer(asked: _Asked, topic: str | None, asker: Asker) -> _Outcome:
    words = asked.words
    if place := elsewhere(words):
        return _Outcome(Answer(ELSEWHERE.format(place=place), no_answer=True), Verdict.ELSEWHERE)
    if not bigrams(words):
        return _Outcome(Answer(EMPTY, no_answer=True), Verdict.REFUSED)
    vector = get_encoder().question(words)
    if pair := matching.match(asked.said, vector, today()):
        return _from_pair(pair)
    if topic and not loan.meant(words):
        topic = None
    found = search(words, LOOKED_AT, Filters(company=asker.company), vector)
    if topic or loan.named(words):
        heading = loan.section(words) or _heading(words, topic, found)
        if heading and (guided := loan.guided(heading)):
            return _from_guide(asked, guided, found)
        if not loan.named(words):  # “期限”: what the guide would say, from the documents
            in_full = _Asked(asked.said, f"{get_district().city}{LOAN} {words}")
            return _from_documents(in_full, search(in_full.words, LOOKED_AT, Filters(category=LOAN)))
    return _from_documents(asked, found)


def _heading(words: str, topic: str | None, found: Found) -> str:
    """The guide's section for a topic, unless a document says more on what is asked: `开网约车的要什么证明`."""
    if topic is None or loan.is_plain(words):
        return LOAN_TOPICS[topic] if topic else ""
    wanted = aspects(words)
    cited = cite(words, found.hits[0]).chunks if found.hits else ()
    said = not wanted or any(answers(chunk.heading, wanted) for chunk in cited)
    return "" if said else LOAN_TOPICS[topic]


def _from_pair(pair: FaqHit) -> _Outcome:
    sources = [Source.of(pair.policy, pair.answer, pair.cosine)] if pair.policy else []
    text = f"{pair.answer}\n\n{pair.source_line}"
    return _Outcome(Answer(text, False, sources), Verdict.FAQ, confidence=pair.cosine, faq_id=pair.faq_id)


def _from_documents(asked: _Asked, found: Found) -> _Outcome:
    words, confidence = asked.words, _fits(asked.words, found)
    heir = heirs.of(words, found) if found.hits and found.lapsed > found.hits[0].score else None
    if not found.hits or not refusal.suffices(confidence, found.hits[0]):
        return _refused(found, confidence, lapsed=refusal.outdated(found), heir=heir)
    note = ""
    if heir:
        note = (
            REPLACES if heir.policy.id != found.hits[0].policy.id or heirs.former_is_named(words, found, heir) else ""
        )
        found = replace(found, hits=[heir, *(hit for hit in found.hits if hit.policy.id != heir.policy.id)])
    if refusal.leaves_open(words, found.hits[0]):
        return _left_open(words, found, confidence)
    return _told(asked, found, confidence, note)


def _left_open(words: str, found: Found, confidence: float) -> _Outcome:
    near = cite(words, found.hits[0], GAP_CHARACTERS)
    text = f"《{near.policy.title}》没有写明这一点，请向{office(near.policy)}核实。{OFFER}"
    if shown := compose("", [near]):
        text += f"\n\n相关内容供参考：\n{shown}"
    return _Outcome(Answer(text, True, [source_of(near)]), Verdict.LEFT_OPEN, _chosen([near]), found, confidence)


def _chosen(cited: Sequence[Cited]) -> list[Chosen]:
    return [Chosen(one.policy.id, [chunk.text for chunk in one.chunks]) for one in cited]


def _fits(words: str, found: Found) -> float:
    return refusal.fits(words, found, content_words(words, get_live().lexicon()))


def _told(asked: _Asked, found: Found, confidence: float, note: str) -> _Outcome:
    words = asked.words
    cited = [cite(words, found.hits[0]), *_disagreeing(words, found.hits[0].policy)]
    body = wording.reworded(words, cited[0].shown) if len(cited) == 1 else None
    text = compose(words, cited, said=asked.said, body=body)
    if text is None:
        return _refused(found, confidence)
    told = Answer(f"{note}\n{text}".strip(), False, [source_of(one) for one in cited])
    return _Outcome(told, Verdict.ANSWERED, _chosen(cited), found, confidence)


def _refused(found: Found, confidence: float, *, lapsed: bool = False, heir: Hit | None = None) -> _Outcome:
    """Say that there is no answer, and offer the closest topics: whoever asked vaguely may find his among them."""
    said = LAPSED if lapsed else NOTHING
    if heir:
        said = REPLACED.format(title=heir.policy.title)
    near = dict.fromkeys(hit.policy.title for hit in ([heir] if heir else []) + found.hits)
    choices = tuple(Choice(_short(title), title) for title in list(near)[:CLOSEST])
    text = f"{said}\n\n{PERHAPS}" if choices else f"{said}{OFFER}"
    verdict = Verdict.LAPSED if lapsed else Verdict.REFUSED
    return _Outcome(Answer(text, True, choices=choices), verdict, (), found, confidence)


def _short(title: str) -> str:
    named = _NAMED.search(title)
    bare = named[1] if named else title.removeprefix("关于").removesuffix("的通知")
    return bare if len(bare) <= CLOSEST_CHARACTERS else f"{bare[: CLOSEST_CHARACTERS - 1]}…"


def _disagreeing(words: str, policy: Policy) -> list[Cited]:
    """What must be told with a policy's amounts: the passages of its rivals that give theirs."""
    if not policy.compare_with or not (AMOUNT in aspects(words) or figures(words, [FigureKind.MONEY])):
        return []
    hits = search(words, ALL, Filters(category=policy.category)).hits
    found = [hit for hit in hits if hit.policy.id in policy.compare_with]
    return [one for hit in found if (one := cite_section(hit, AMOUNT, COMPARED_CHARACTERS)).chunks]


def _from_guide(asked: _Asked, guided: loan.Guided, found: Found) -> _Outcome:
    """A section of the loan's guide, with the documents that it names as its sources."""
    lines = [guided.text, "", *(line for policy in guided.policies or [guided.guide] for line in source_lines(policy))]
    lines[:0] = preface(asked.said, unfounded(asked.said, guided.text))
    sources = [Source.of(policy, guided.text, 1.0) for policy in (*guided.policies, guided.guide)]
    text = "\n".join([*lines, "", doubt(guided.guide)])
    chosen = [Chosen(guided.guide.id, [guided.text])]
    return _Outcome(Answer(text, False, sources), Verdict.GUIDE, chosen, found, confidence=1.0)
