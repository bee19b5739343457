"""What a document is: its front matter as given, or extracted and proposed; and how it stands to those that are known."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.classify import Classifier, Example, train
from knowledge.ingest.document import Document, RawDocument, make_document
from knowledge.ingest.metadata import Extracted, extract
from knowledge.ingest.metadata.relations import Edition, Same, Sameness, plain_title, same_document
from knowledge.ingest.store import front_of
from knowledge.ingest.usual_questions import usual_questions
from knowledge.models import Policy

# Similarity from which on two documents of one name are editions of one text; a sheet is words of our own.
SAME_TEXT = 0.5
ID_CHARACTERS = 50
TAGGED = 0.3  # confidence from which on a tag is proposed
UNSURE = 0.5  # below which staff are told which field to look at
CATEGORY = "综合"  # where there is nothing to learn categories from

_NO_NAME = re.compile(r"\W+")


@dataclass(frozen=True)
class Description:
    """A document, ready to be stored.

    Attributes:
        extracted: by field {"confidence", "evidence"}; empty where its own front matter said all.
        notes: for staff, one line each.
        reviewed: somebody has said or confirmed what stands in its front matter.
        duplicate_of: the policy that has this very text already.
        unchanged: and has it from this very file.
        replaced_by: the policies that are later editions of it.
    """

    document: Document
    extracted: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reviewed: bool = True
    duplicate_of: str | None = None
    unchanged: bool = False
    replaced_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Policy:
    front: dict[str, Any]
    edition: Edition
    reviewed: bool


class Known:
    """The policies that are there, as far as a new document is compared with them."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self._policies: dict[str, _Policy] = {}
        self._by_title: dict[str, set[str]] = defaultdict(set)
        self._by_number: dict[str, set[str]] = defaultdict(set)
        self._by_text: dict[str, str] = {}
        self._classifier: Classifier | None = None
        self._learnt = 0

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> "Known":
        """Those of the database."""
        known = cls()
        for policy in policies:
            known.add(front_of(policy), policy.body, policy.content_hash, policy.reviewed)
        return known

    def add(self, front: dict[str, Any], body: str, digest: str, reviewed: bool) -> None:
        """One more, or what one says from now on."""
        edition = Edition(front["title"], front["doc_no"], front["level"], front["issued"], body)
        self.digests[front["id"]] = digest
        self._policies[front["id"]] = _Policy(front, edition, reviewed)
        self._by_title[plain_title(edition.title)].add(front["id"])
        if edition.doc_no:
            self._by_number[edition.doc_no].add(front["id"])
        self._by_text[edition.digest] = front["id"]

    def classifier(self) -> Classifier | None:
        """Trained on what staff or a sheet's author have put into a category; None where there is nothing.

        While an import goes on it learns anew when there is twice as much to learn from.
        """
        examples = [
            Example(one.front["category"], tuple(one.front["tags"]), one.edition.title, one.edition.body)
            for one in self._policies.values()
            if one.reviewed and not one.front["guide"]
        ]
        if examples and len(examples) >= 2 * self._learnt:
            self._classifier, self._learnt = train(examples), len(examples)
        return self._classifier

    def like(self, edition: Edition) -> list[tuple[str, Same, bool, dict[str, Any]]]:
        """(id, how it is the same, reviewed, front matter) of policies that are the same document, or an edition of it."""
        near = set(self._by_title[plain_title(edition.title)])
        if edition.doc_no:
            near |= self._by_number[edition.doc_no]
        if copy := self._by_text.get(edition.digest):
            near.add(copy)
        found = []
        for one in sorted(near):
            policy = self._policies[one]
            if same := same_document(edition, policy.edition):
                found.append((one, same, policy.reviewed, policy.front))
        return found

    def free_id(self, title: str, issued: str | None) -> str:
        """A new id that a person recognises."""
        name = _NO_NAME.sub("", title)[:ID_CHARACTERS] or "document"
        name = f"{name}-{issued}" if issued else name
        taken = (number for number in range(2, 10_000) if f"{name}-{number}" not in self._policies)
        return name if name not in self._policies else f"{name}-{next(taken)}"


def describe(raw: RawDocument, known: Known, today: date) -> Description:
    """Say what a document is.

    Args:
        raw: as its reader found it.
        known: what is there.
        today: the day for which the status is proposed.

    Raises:
        InvalidDocument: its front matter is against the rules, or there is no text.
    """
    if raw.front is not None:
        return Description(make_document(raw.front, raw.text), notes=raw.notes)
    found = extract(raw, today)
    edition = Edition(found.title.value, found.doc_no.value, found.level.value, found.issued.value, raw.text)
    category, proposed = _categorised(found.title.value, raw.text, known)
    front = _front(found, raw) | category
    extracted = {name: _seen(one.confidence, one.evidence) for name, one in vars(found).items()} | proposed
    notes = [*raw.notes, *_doubts(extracted)]
    front["id"] = known.free_id(found.title.value, found.issued.value)
    replaced_by, confirmed = [], False
    for one, same, reviewed, theirs in known.like(edition):
        if same.how is Sameness.DUPLICATE:
            document, again = make_document(front, raw.text), theirs["source_seen"] == raw.name
            notes = list(raw.notes) if again else [*raw.notes, f"the same text as {one}"]
            return Description(document, extracted, tuple(notes), duplicate_of=one, unchanged=again)
        if same.newer is edition:
            front["replaces"] = [*front.get("replaces", []), one]
            notes.append(f"a later edition of {one}, which it replaces")
        elif same.newer is not None:
            replaced_by.append(one)
            notes.append(f"an earlier edition of {one}")
        elif same.similarity >= SAME_TEXT:
            notes.append(f"changes {one}")
            # What staff have confirmed stays; the text is the new one.
            front, confirmed = (theirs, True) if reviewed else ({**front, "id": one}, False)
        else:
            notes.append(f"{one} speaks of the same document")
    document = make_document(front, raw.text)
    return Description(document, extracted, tuple(notes), confirmed, replaced_by=tuple(replaced_by))


def _front(found: Extracted, raw: RawDocument) -> dict[str, Any]:
    return {
        "title": found.title.value[:200],
        "doc_no": found.doc_no.value,
        "issuer": found.issuer.value,
        "level": found.level.value,
        "issued": found.issued.value,
        "effective": found.effective.value,
        "expires": found.expires.value,
        "status": found.status.value,
        "audience": found.audience.value,
        "asked": usual_questions(found.title.value),
        "source_url": raw.url,
        "source_seen": raw.name,
    }


def _categorised(title: str, text: str, known: Known) -> tuple[dict[str, Any], dict[str, Any]]:
    """(front matter, how sure that is) of category and tags."""
    classifier = known.classifier()
    if classifier is None:
        return {"category": CATEGORY}, {"category": _seen(0.0, "")}
    proposal = classifier.propose(title, text)
    tags = [(tag, confidence) for tag, confidence in proposal.tags if confidence >= TAGGED]
    sure = {"category": _seen(proposal.confidence, "")}
    if tags:
        sure["tags"] = _seen(min(confidence for _tag, confidence in tags), "")
    return {"category": proposal.category, "tags": [tag for tag, _confidence in tags]}, sure


def _seen(confidence: float, evidence: str) -> dict[str, Any]:
    return {"confidence": round(confidence, 2), "evidence": evidence[:200]}


def _doubts(extracted: dict[str, Any]) -> list[str]:
    unsure = [name for name in ("title", "category") if extracted[name]["confidence"] < UNSURE]
    return [f"please confirm: {', '.join(unsure)}"] if unsure else []
