"""The knowledge base as others use it: ask, search, ingest, and whether it works."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from core.clock import today
from core.db import reading
from knowledge import answering, catalogue
from knowledge.answer import Source, cite
from knowledge.answering import Answer, Asker, Choice, source_of
from knowledge.catalogue import Report
from knowledge.errors import KnowledgeUnavailable
from knowledge.index.terms import bigrams
from knowledge.models import Policy
from knowledge.records import service as records
from knowledge.records.explanation import Explanation
from knowledge.rewrite import Kind, rewrite
from knowledge.search import Filters, get_live
from knowledge.search import search as find

__all__ = [
    "Answer", "Asker", "Choice", "Filters", "KnowledgeUnavailable", "Report", "Source",
    "answer", "build_index", "explain", "follow_up", "ingest", "ready", "search",
]  # fmt: skip

LOOKED_AT = 5


@dataclass(frozen=True)
class Explained:
    """An answer and everything that it came from."""

    answer: Answer
    explanation: Explanation


def answer(question: str, topic: str | None = None, asker: Asker = Asker()) -> Answer:  # noqa: B008  it is immutable
    """Answer from reviewed pairs and documents in force, or say that they hold no answer; the answer is written down.

    Args:
        question: as the follower wrote it; of more than 500 characters the beginning and the end are read.
        topic: one of `answering.LOAN_TOPICS`, to stay within the loan's documents however short the question is; None: all.
        asker: who asks, and what he has said before.

    Raises:
        KnowledgeUnavailable: model or tables are missing.
    """
    explained = explain(question, topic, asker)
    if not bigrams(explained.explanation.rewritten.text):
        return explained.answer  # “？？？” asks nothing, and staff need not see it
    return explained.answer.recorded(records.keep(explained.explanation))


def follow_up(question: str, asker: Asker) -> Answer | None:
    """The answer to a message that goes on from what the same person asked before; only then it is written down.

    None where it stands alone or has no answer: it may be about something else altogether.

    Raises:
        KnowledgeUnavailable: as `answer`.
    """
    explained = explain(question, asker=asker)
    leaning = any(change.kind is Kind.CONTEXT for change in explained.explanation.rewritten.changes)
    if explained.answer.no_answer or not leaning:
        return None
    return explained.answer.recorded(records.keep(explained.explanation))


def explain(question: str, topic: str | None = None, asker: Asker = Asker()) -> Explained:  # noqa: B008
    """As `answer`, with what it came from, and not written down: for measuring, and for staff who try a question."""
    found, explanation = answering.answer(question, topic, asker)
    return Explained(found, explanation)


def search(
    question: str,
    limit: int = LOOKED_AT,
    filters: Filters = Filters(),  # noqa: B008
    before: Sequence[str] = (),
) -> list[Source]:
    """Policies in force for a question, best first, with the passages that answer it best.

    Args:
        question: as in `answer`.
        limit: policies at most.
        filters: which are asked for.
        before: the earlier messages of the conversation, oldest first.

    Raises:
        KnowledgeUnavailable: as `answer`.
    """
    words = rewrite(question, get_live().lexicon(), before).text
    return [source_of(cite(words, hit)) for hit in find(words, limit, filters).hits] if words else []


def ingest(paths: Sequence[Path], *, propose: bool = False) -> Report:
    """Read files and folders into the database, or with `propose` among what waits for a decision of staff."""
    return catalogue.ingest_paths(paths, propose=propose)


def build_index(progress: Callable[[int, int], None] = lambda _at, _of: None) -> int:
    """Encode passages that have no vector of the present model; number of policies that were concerned."""
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
