"""The way from files into the database: read, describe, split, encode, store; one transaction a document."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core.clock import today
from core.db import reading, transaction
from knowledge import revision, versions
from knowledge.encoder import Encoder, get_encoder
from knowledge.index.live import decoded
from knowledge.ingest import readers
from knowledge.ingest.describe import Description, Known, describe
from knowledge.ingest.document import InvalidDocument, RawDocument, Refusal
from knowledge.ingest.readers.archive import is_hidden
from knowledge.ingest.store import digest_of, encode, prepare
from knowledge.models import Chunk, Policy

SEED = Path(__file__).parent / "seed"
SHOWN_CHARACTERS = 200  # of the names of files that were passed over
IMPORTER = "import"  # who publishes what nobody looked at

READ_AT_ONCE = 1000  # vectors

Progress = Callable[[int, int], None]


class Outcome(StrEnum):
    """What became of a document."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"


@dataclass
class Report:
    """What an ingest did: ids by outcome; lines for staff; and one line for each file that was refused."""

    outcomes: dict[Outcome, list[str]] = field(default_factory=lambda: {outcome: [] for outcome in Outcome})
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    proposed: list[int] = field(default_factory=list)


def ingest_paths(paths: Iterable[Path], *, propose: bool = False) -> Report:
    """Read files and folders (recursively, by the readers' file name endings) into the database.

    A file that is wrong is named in the report and the others are imported.

    Args:
        paths: files and folders.
        propose: keep what is new or changed for a decision of staff instead of publishing it.
    """
    report = Report()
    known = _known()
    given: set[str] = set()
    for raw in _read_all(paths, report):
        try:
            description = describe(raw, known, today())
        except InvalidDocument as error:
            report.errors.append(f"{raw.name}: {error}")
            continue
        identity = description.document.front.id
        report.notes += [f"{raw.name}: {note}" for note in description.notes]
        if description.duplicate_of:
            outcome = Outcome.UNCHANGED if description.unchanged else Outcome.DUPLICATE
            report.outcomes[outcome].append(description.duplicate_of)
        elif identity in given:
            report.errors.append(f"{raw.name}: id {identity} was given by an earlier file")
        else:
            given.add(identity)
            report.outcomes[_store(description, raw, known, report, propose)].append(identity)
    return report


def build_index(progress: Progress = lambda _at, _of: None) -> int:
    """Give every passage a vector of the present model, where it has none or a damaged one. Number of policies.

    Raises:
        KnowledgeUnavailable: the embedding model is missing.
    """
    encoder = get_encoder()
    ids = _lacking(encoder)
    for done, policy_id in enumerate(ids, 1):
        with reading() as session:
            policy = session.get_one(Policy, policy_id, options=[selectinload(Policy.chunks)])
        encode(policy, policy.chunks, encoder)
        vectors = {chunk.id: chunk.vector for chunk in policy.chunks}
        with transaction() as session:
            number = revision.next_number(session)
            policy = session.get_one(Policy, policy_id, options=[selectinload(Policy.chunks)])
            for chunk in policy.chunks:
                if chunk.id in vectors:
                    chunk.vector, chunk.encoder = vectors[chunk.id], encoder.name
            policy.revision = number
        progress(done, len(ids))
    return len(ids)


def _lacking(encoder: Encoder) -> list[str]:
    """Ids of policies with a passage whose vector is missing, of another model, or damaged."""
    dimensions = len(encoder.question(""))
    found: set[str] = set()
    with reading() as session:
        query = select(Chunk.policy_id, Chunk.encoder, Chunk.vector)
        for rows in session.execute(query.execution_options(yield_per=READ_AT_ONCE)).partitions():
            found |= {row.policy_id for row in rows if row.encoder != encoder.name}
            found |= {rows[at].policy_id for at in decoded([row.vector for row in rows], dimensions)[1]}
    return sorted(found)


def _store(description: Description, raw: RawDocument, known: Known, report: Report, propose: bool) -> Outcome:
    document = description.document
    before = known.digests.get(document.front.id)
    if before == digest_of(document):
        return Outcome.UNCHANGED
    draft = prepare(
        document,
        get_encoder(),
        file_name=raw.name[-200:],
        extracted=description.extracted,
        notes=tuple(description.notes),
        reviewed=description.reviewed,
    )
    if propose:
        report.proposed.append(versions.propose(draft, description.replaced_by))
    else:
        versions.publish(draft, IMPORTER, description.replaced_by)
    known.add(document.front.model_dump(mode="json"), document.body, draft.digest, description.reviewed)
    return Outcome.CHANGED if before else Outcome.NEW


def _known() -> Known:
    with reading() as session:
        return Known.of(session.scalars(select(Policy)).all())


def _read_all(paths: Iterable[Path], report: Report) -> Iterator[RawDocument]:
    known = readers.by_suffix()
    for path in paths:
        for file in _files(path, known, report):
            reader = known.get(file.suffix.lower())
            try:
                if reader is None:
                    raise InvalidDocument(f"only {', '.join(known)} can be read")
                for found in reader.read(file, file.name):
                    if isinstance(found, Refusal):
                        report.errors.append(f"{found.name}: {found.reason}")
                    else:
                        yield found
            except InvalidDocument as error:
                report.errors.append(f"{file}: {error}")
            except OSError as error:
                report.errors.append(f"{file}: {error.strerror or error}")


def _files(path: Path, known: dict[str, readers.Reader], report: Report) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    there = sorted(file for file in path.rglob("*") if file.is_file() and not is_hidden(file.relative_to(path)))
    files = [file for file in there if file.suffix.lower() in known]
    if not files:
        report.errors.append(f"{path}: holds no file that can be read ({', '.join(known)})")
    elif len(files) < len(there):
        others = ", ".join(file.name for file in there if file.suffix.lower() not in known)[:SHOWN_CHARACTERS]
        report.notes.append(f"{path}: {len(there) - len(files)} files that no reader takes were passed over: {others}")
    return files
