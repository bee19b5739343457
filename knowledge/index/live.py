"""The policies of the database as this process searches them, brought up to date before each search.

What a change did is read when its number is seen (revision.py), so a policy that is added, altered or switched off shows in
the next search of every process on every machine, whole or not at all. Nothing is written to disk: there is no index file
to damage, and a process that starts reads everything anew (README: how long that takes).
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from core.db import reading
from core.logging import get_logger
from core.settings import get_settings
from knowledge import revision
from knowledge.encoder import Encoder
from knowledge.errors import KnowledgeUnavailable
from knowledge.index.collection import Collection, Entry
from knowledge.index.dense import Vectors
from knowledge.models import Chunk, Policy, Status
from knowledge.rewrite.lexicon import Lexicon

# What is asked of every policy; see Collection.
USUAL_QUESTIONS = (
    "怎么申请", "去哪儿办", "要什么材料", "有什么条件", "我们公司能申请吗", "个体户能不能办", "最多能给多少钱", "补贴多少",
    "利率是多少", "什么时候截止", "多久能办下来", "这个政策是什么意思", "哪些企业可以享受", "有没有优惠", "找哪个部门", "需要满足什么要求",
)  # fmt: skip
PART_CHARACTERS = 250  # a text matched by words: hit@1 on the statutes of the development set .72, with 1,200 .69
AT_ONCE = 50  # policies read at a time
LENGTH_ERROR = 0.01  # of a vector of length 1

log = get_logger()


@dataclass(frozen=True)
class Standing:
    """What decides whether a policy may be told, and how it stands among others that fit alike."""

    enabled: bool
    status: Status
    effective_on: date | None
    expires_on: date | None
    superseded_on: date | None
    superseded_by: str | None
    level: str
    category: str
    audience: str
    since: str
    text: str
    """All that it says, and how people ask for it."""

    def in_force(self, day: date) -> bool:
        """Whether it may be told on that day: the same condition as `Policy.in_force`."""
        return (
            self.enabled
            and self.status is not Status.EXPIRED
            and (self.effective_on is None or self.effective_on <= day)
            and (self.expires_on is None or self.expires_on >= day)
            and (self.superseded_on is None or self.superseded_on > day)
        )


Policies = Collection[Standing]


class Live:
    """The collection of one process."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._collection: Policies | None = None
        self._lexicon: Lexicon | None = None
        self.revision = -1

    @contextmanager
    def current(self) -> Iterator[tuple[Policies, Session]]:
        """The collection as the database has it now, and the session that has looked; nobody changes it meanwhile.

        Raises:
            KnowledgeUnavailable: the database holds no policy, or none with vectors of the present model.
        """
        with self._lock, reading() as session:
            revision.see_one_moment(session)
            latest = revision.latest(session)
            if latest < self.revision:  # the database was restored from an older copy
                self._collection, self._lexicon, self.revision = None, None, -1
            if latest != self.revision:
                self._catch_up(session)
                self.revision = latest
            if self._collection is None:
                raise KnowledgeUnavailable(
                    f"no policy has vectors of {self._encoder.name}; run `tongqi knowledge ingest`, then `index`"
                )
            yield self._collection, session

    def lexicon(self) -> Lexicon:
        """The words of the documents, as the database has them now.

        Raises:
            KnowledgeUnavailable: as `current`.
        """
        with self.current():
            return self._lexicon or Lexicon.of([])

    def _catch_up(self, session: Session) -> None:
        changed = session.scalars(select(Policy.id).where(Policy.revision > self.revision).order_by(Policy.id)).all()
        lacking, texts = 0, []
        for start in range(0, len(changed), AT_ONCE):
            query = select(Policy).where(Policy.id.in_(changed[start : start + AT_ONCE]))
            for policy in session.scalars(query).all():
                if policy.guide and (self._collection is None or policy.id not in self._collection):
                    continue
                chunks = [] if policy.guide else _chunks(session, policy)
                usable = [chunk for chunk in chunks if chunk.encoder == self._encoder.name]
                lacking += len(usable) < len(chunks)
                self._put(policy, usable)
                texts.append("\n".join((policy.title, " ".join(policy.tags), policy.body)))
                session.expunge_all()  # vectors of all policies at once would take twice their room
        if self._collection is not None:
            self._collection.commit()
        self._lexicon = self._lexicon.extended(texts) if self._lexicon else Lexicon.of(texts)
        if lacking:
            log.error("policies without vectors; run `tongqi knowledge index`", count=lacking, model=self._encoder.name)
        log.info("policies taken up", changed=len(changed), revision=revision.latest(session))

    def _put(self, policy: Policy, chunks: Sequence[Chunk]) -> None:
        if self._collection is None:
            if not chunks:
                return
            asked = np.stack([self._encoder.question(text) for text in USUAL_QUESTIONS])
            self._collection = Policies(asked.shape[1], get_settings().knowledge_index, np.mean(asked, axis=0))
        self._collection.put(
            Entry(
                policy.id,
                parts(policy, chunks),
                [chunk.id for chunk in chunks],
                self._vectors(policy, chunks, self._collection.dimensions),
                standing(policy),
            )
        )

    def _vectors(self, policy: Policy, chunks: Sequence[Chunk], dimensions: int) -> Vectors:
        """The vectors of passages; those that have come to harm in the database are made again, to be used at least here."""
        vectors, harmed = decoded([chunk.vector for chunk in chunks], dimensions)
        if harmed:
            log.error("vectors are damaged; run `tongqi knowledge index`", policy=policy.id, count=len(harmed))
            vectors[harmed] = self._encoder.passages([passage_text(policy, chunks[at]) for at in harmed])
        return vectors


def decoded(stored: Sequence[bytes | None], dimensions: int) -> tuple[Vectors, list[int]]:
    """Stored vectors as an array, and which of them have come to harm: not of so many dimensions, or not of length 1."""
    nothing = bytes(4 * dimensions)
    whole = (vector if vector and len(vector) == len(nothing) else nothing for vector in stored)
    vectors = np.frombuffer(bytearray(b"".join(whole)), np.float32).reshape(-1, dimensions)
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(vectors, axis=1)
    return vectors, np.flatnonzero(~(np.abs(lengths - 1) < LENGTH_ERROR)).tolist()  # not >: a length may be no number


def standing(policy: Policy) -> Standing:
    """What the index keeps of a policy besides its words."""
    return Standing(
        enabled=policy.enabled,
        status=policy.status,
        effective_on=policy.effective_on,
        expires_on=policy.expires_on,
        superseded_on=policy.superseded_on,
        superseded_by=policy.superseded_by,
        level=policy.level,
        category=policy.category,
        audience=f"{policy.audience} {' '.join(policy.tags)}",
        since=max(policy.effective or "", policy.issued or ""),  # an amended statute took effect long ago
        text="\n".join((head(policy), policy.audience, policy.doc_no or "", policy.body, *policy.asked)),
    )


def head(policy: Policy) -> str:
    """What stands before each text of a policy: by its title and tags a passage is found too (hit@1 +.02)."""
    return f"{policy.title} {' '.join(policy.tags)}"


def passage_text(policy: Policy, chunk: Chunk) -> str:
    """How a passage is encoded; a question that people ask, as it is."""
    return chunk.text if chunk.asked else f"{head(policy)}\n{chunk.heading}:{chunk.text}"


def parts(policy: Policy, chunks: Sequence[Chunk]) -> list[str]:
    """How a policy is matched by words: whole, or in parts of neighbouring passages where it is long."""
    lead = f"{head(policy)} {policy.audience} {policy.doc_no or ''}"
    found, text, heading = [], "", None
    asked = " ".join(chunk.text for chunk in chunks if chunk.asked)
    for chunk in chunks:
        if chunk.asked:
            continue
        if text and len(text) + len(chunk.text) > PART_CHARACTERS:
            found.append(f"{lead}\n{text}")
            text, heading = "", None
        if chunk.heading != heading:
            text += f"\n{chunk.heading}\n"
            heading = chunk.heading
        text += chunk.text
    if text:
        found.append(f"{lead}\n{text}")
    return [*found, f"{lead}\n{asked}"] if asked else found


def _chunks(session: Session, policy: Policy) -> Sequence[Chunk]:
    query = select(Chunk).where(Chunk.policy_id == policy.id).order_by(Chunk.position)
    return session.scalars(query.options(undefer(Chunk.vector))).all()
