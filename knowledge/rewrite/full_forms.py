"""The documents' words for what people call otherwise; `full_forms.tsv` says how to add one."""

import re
from pathlib import Path
from typing import NamedTuple

from core.once import once
from knowledge.rewrite.change import Change, Kind
from knowledge.rewrite.lexicon import FEWEST, Lexicon

SHORT = 12  # characters; on knowledge/dev 10 and 14 do the same

_SECTION = re.compile(r"\[([^\t]+)\]")


class Line(NamedTuple):
    """A line of the table."""

    pattern: re.Pattern[str]
    full: str
    mark: str | None
    """The term that the documents must have; None: the line is always used."""


def expand(text: str, lexicon: Lexicon) -> list[Change]:
    """What was said in other words than the documents', with theirs; nothing twice.

    What the documents say themselves needs no other words, which would only draw in what else they stand for: that made
    the right document's lead over the next one smaller for most questions of knowledge/dev on 小巨人 and 科小. In a short
    question such a word may be all there is, and more words are welcome.
    """
    changes: dict[str, Change] = {}
    for pattern, full, mark in table():
        if mark is not None and lexicon.counts.get(mark, 0) < FEWEST:
            continue
        said = pattern.search(text)
        if said and full not in text and (len(text) <= SHORT or not _written(said[0], full, lexicon)):
            changes.setdefault(full, Change(Kind.FULL_FORM, said[0], full))
    return list(changes.values())


def _written(said: str, full: str, lexicon: Lexicon) -> bool:
    """Whether the documents often have what was said, other than as a part of its full form."""
    inside = lexicon.counts.get(full, 0) if said in full else 0
    return lexicon.counts.get(said, 0) - inside >= FEWEST


@once
def table() -> list[Line]:
    """The lines of `full_forms.tsv`."""
    lines, mark = [], None
    for line in Path(__file__).with_name("full_forms.tsv").read_text("utf-8").splitlines():
        if section := _SECTION.fullmatch(line):
            mark = section[1]
        elif line and not line.startswith("#"):
            pattern, full = line.split("\t")
            lines.append(Line(re.compile(pattern), full, mark))
    return lines
