"""The signature below a document: who signed, and on which day."""

import re
from dataclasses import dataclass

from knowledge.ingest.metadata.days import Day, find_days
from knowledge.ingest.metadata.layout import Layout, Line
from knowledge.ingest.metadata.names import split_names

ISSUERS = 15  # lines above the day that may be issuers of a joint notice
LENGTH = 90  # characters of a line that is no more than issuers and a day

_PERSON = re.compile(r"(?:国务院总理|总理|主席|[市区省]长|部长|局长|主任|行长|署长)\s*[\u4e00-\u9fff ]{2,8}")
_PRINTED = re.compile(r"[\s)]*(?:印发|发布|公布)?[\s)]*")


@dataclass(frozen=True)
class Signature:
    """Issuers (none where only a day stands alone), the day, and where they stand."""

    names: tuple[str, ...]
    day: str
    names_start: int
    day_start: int
    end: int


def find_signature(layout: Layout) -> Signature | None:
    """The first day with issuers at it, else the last day on a line of its own.

    The first, because the signature of a forwarding notice counts and not those in its attachments.
    """
    lines = [*layout.opening, *layout.body]
    alone: Signature | None = None
    for at, line in enumerate(lines):
        day = _signed_day(line)
        if day is None:
            continue
        signature = _signature(lines, at, day)
        if signature.names:
            return signature
        alone = signature
    return alone


def _signed_day(line: Line) -> Day | None:
    if len(line.text) > LENGTH:
        return None
    days = list(find_days(line.text))
    if len(days) != 1 or len(days[0].iso) < 10 or not _PRINTED.fullmatch(line.text[days[0].end :]):
        return None
    before = line.text[: days[0].start].strip(" (")
    return days[0] if not before or split_names(before) or _PERSON.fullmatch(before) else None


def _signature(lines: list[Line], at: int, day: Day) -> Signature:
    line = lines[at]
    names = split_names(line.text[: day.start].strip(" ("))
    start = line.start
    for above in reversed(lines[max(0, at - ISSUERS) : at]):
        more = split_names(above.text)
        if not more and not _PERSON.fullmatch(above.text):
            break
        names = more + names
        start = above.start if more else start
    return Signature(tuple(dict.fromkeys(names)), day.iso, start, line.start + day.start, line.start + day.end)
