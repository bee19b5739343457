"""Pairs from a table: a line a phrasing, with question, answer, owner, source policy id and, if wanted, a source note.

Lines that differ in the question alone are phrasings of one pair. A first line `question ...` or `问题 ...` is the head.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from knowledge.faq.pair import Pair, make_pair
from knowledge.ingest.document import InvalidDocument
from knowledge.ingest.readers.encoding import decode

COLUMNS = (4, 5)
_HEADS = ("question", "问题")
Said = tuple[str, str, str, str]  # answer, owner, policy id, note


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a TSV file, in its order.

    Raises:
        InvalidDocument: naming each line that is wrong, or that the file cannot be read.
    """
    if path.suffix.lower() != ".tsv":
        raise InvalidDocument(f"{path.name}: only .tsv can be read")
    try:
        return parse_pairs(decode(path.read_bytes()))
    except OSError as error:
        raise InvalidDocument(f"{path}: {error.strerror}") from None


def parse_pairs(text: str) -> list[Pair]:
    """The pairs of a table with tabs between the cells; a cell with tabs or line breaks stands in double quotes.

    Raises:
        InvalidDocument: naming each line that is wrong, or that there is none.
    """
    asked: dict[Said, tuple[int, list[str]]] = {}
    problems: list[str] = []
    for number, cells in _rows(text):
        if len(cells) not in COLUMNS:
            problems.append(
                f"line {number}: {len(cells)} columns where question, answer, owner, policy id are expected"
            )
            continue
        question, answer, owner, policy, note = (*cells, "")[:5]
        asked.setdefault((answer, owner, policy, note), (number, []))[1].append(question)
    pairs: list[Pair] = []
    for (answer, owner, policy, note), (number, questions) in asked.items():
        try:
            pairs.append(
                make_pair(
                    {
                        "questions": tuple(questions),
                        "answer": answer,
                        "owner": owner,
                        "source_policy_id": policy or None,
                        "source_note": note,
                    }
                )
            )
        except InvalidDocument as error:
            problems.append(f"line {number}: {error}")
    if problems or not pairs:
        raise InvalidDocument("; ".join(problems) or "the file holds no pair")
    return pairs


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, its cells) of each row that is not blank, without the head."""
    reader = csv.reader(io.StringIO(text, newline=""), csv.excel_tab)
    first, number = True, 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells) and not (first and cells[0].casefold() in _HEADS):
                yield number, cells
            first, number = False, reader.line_num + 1
    except csv.Error as error:
        raise InvalidDocument(f"line {number}: {error}") from None
