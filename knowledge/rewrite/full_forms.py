"""The documents' words for what people call otherwise; `full_forms.tsv` says how to add one."""

import re
from pathlib import Path

from core.once import once
from knowledge.rewrite.change import Change, Kind
from knowledge.rewrite.lexicon import FEWEST, Lexicon

SHORT = 12  # characters; on knowledge/dev 10 and 14 do the same


def expand(text: str, lexicon: Lexicon) -> list[Change]:
    """What was said in other words than the documents', with theirs; nothing twice.

    What the documents say themselves needs no other words, which would only draw in what else they stand for: that made
    the right document's lead over the next one smaller for most questions of knowledge/dev on 小巨人 and 科小. In a short
    question such a word may be all there is, and more words are welcome.
    """
    changes: dict[str, Change] = {}
    for pattern, full in _table():
        said = pattern.search(text)
        if said and full not in text and (len(text) <= SHORT or not _written(said[0], full, lexicon)):
            changes.setdefault(full, Change(Kind.FULL_FORM, said[0], full))
    return list(changes.values())


def _written(said: str, full: str, lexicon: Lexicon) -> bool:
    """Whether the documents often have what was said, other than as a part of its full form."""
    inside = lexicon.counts.get(full, 0) if said in full else 0
    return lexicon.counts.get(said, 0) - inside >= FEWEST


@once
def _table() -> list[tuple[re.Pattern[str], str]]:
    lines = Path(__file__).with_name("full_forms.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(re.compile(pattern), full) for pattern, full in rows]
