"""The way from files to a searchable index: ingest into the database, index from the database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core.db import reading, transaction
from knowledge import index, ingest
from knowledge.encoder import get_encoder
from knowledge.index import Entry
from knowledge.ingest.document import Document, InvalidDocument
from knowledge.ingest.store import Outcome, store
from knowledge.models import Policy

SEED = Path(__file__).parent / "seed"


@dataclass
class Report:
    """What an ingest did: ids by outcome, and one line for each file that was refused."""

    outcomes: dict[Outcome, list[str]] = field(default_factory=lambda: {outcome: [] for outcome in Outcome})
    errors: list[str] = field(default_factory=list)


def ingest_paths(paths: Iterable[Path]) -> Report:
    """Read files and folders (recursively, by the readers' file name endings) into the database.

    A file that is wrong is named in the report and the others are imported, in one transaction.
    """
    report = Report()
    documents: dict[str, Document] = {}
    for path, document in _read_all(paths, report):
        if document.front.id in documents:
            report.errors.append(f"{path}: id {document.front.id} was given by an earlier file")
        else:
            documents[document.front.id] = document
    with transaction() as session:
        for document in documents.values():
            report.outcomes[store(session, document)].append(document.front.id)
    return report


def build_index(progress: index.Progress = lambda _at, _of: None) -> int:
    """Index every policy of the database, in force or not: that is asked at each search, so a switch needs no build.

    Guides are left out: they answer their topics and are never searched.

    Returns:
        Number of policies.

    Raises:
        KnowledgeUnavailable: there are none, or the embedding model is missing.
    """
    query = select(Policy).where(Policy.guide.is_(False)).order_by(Policy.id).options(selectinload(Policy.chunks))
    with reading() as session:
        policies = session.scalars(query).all()
    entries = [entry(policy) for policy in policies if policy.chunks]
    index.publish(entries, get_encoder(), progress)
    return len(entries)


def entry(policy: Policy) -> Entry:
    """How a policy is found: by all its words, and by each passage with title and tags in front (hit@1 +.02)."""
    tags = " ".join(policy.tags)
    lexical = f"{policy.title} {tags} {policy.audience} {policy.doc_no or ''}\n{policy.body}"
    passages = [(chunk.id, f"{policy.title} {tags}\n{chunk.heading}:{chunk.text}") for chunk in policy.chunks]
    return Entry(policy.id, lexical, passages)


def _read_all(paths: Iterable[Path], report: Report) -> Iterable[tuple[Path, Document]]:
    readers = ingest.readers()
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in readers)
            if not files:
                report.errors.append(f"{path}: holds no file that can be read ({', '.join(readers)})")
        else:
            files = [path]
        for file in files:
            reader = readers.get(file.suffix.lower())
            try:
                if reader is None:
                    raise InvalidDocument(f"only {', '.join(readers)} can be read")
                yield file, reader.read(file)
            except InvalidDocument as error:
                report.errors.append(f"{file}: {error}")
            except OSError as error:
                report.errors.append(f"{file}: {error.strerror or error}")
