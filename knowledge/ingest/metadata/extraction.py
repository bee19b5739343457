"""What a document says about itself, as proposals that staff confirm or edit: each with a confidence and its evidence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.ingest.document import RawDocument, first_day, last_day
from knowledge.ingest.metadata.field import Field, best
from knowledge.ingest.metadata.issuer import issuers, level
from knowledge.ingest.metadata.layout import Layout, lay_out, plain_text
from knowledge.ingest.metadata.number import own_number
from knowledge.ingest.metadata.signature import find_signature
from knowledge.ingest.metadata.term import Term, read_term
from knowledge.ingest.metadata.title import read_title
from knowledge.models import Status

BELIEVED = 0.55  # sureness from which a last day in the past makes a document one that has lapsed
AUDIENCE = 200  # characters

_VALIDITY = (
    (re.compile("失效|废止|无效|过期"), Status.EXPIRED),
    (re.compile("有效"), Status.CURRENT),
)
_LAPSED = re.compile(
    r"[\[【(](?:全文|已)?(?:失效|废止)[^\])】]{0,12}[\])】]|(?:本文件?|本通知|本办法|该文件|全文)已?(?:经|被)?(?:失效|废止)|^(?:已失效|已废止|全文废止|全文失效)$"
)
_AUDIENCE_KEY = re.compile(
    r"(?:[一二三四五六七八九十0-9]{1,2}[、.]\s*|\([一二三四五六七八九十0-9]{1,2}\)\s*)?"
    r"(?:适用|支持|申报|补贴|补助|奖励|申请|扶持|享受|受益)(?:对象|主体|范围|人群)(?:\([^()]*\))?\s*[:。]?\s*(.*)"
)
_APPLIES = re.compile(r"(?:[\n。]|条)\s{0,4}本(?!条[^例]|款|章|节)[\u4e00-\u9fff]{1,6}适用于([^。;\n]{4,120})")


@dataclass(frozen=True)
class Extracted:
    """Proposed front matter; fields as in `FrontMatter`, each with value, confidence and evidence."""

    title: Field[str]
    doc_no: Field[str | None]
    issuer: Field[list[str]]
    level: Field[str]
    issued: Field[str | None]
    effective: Field[str | None]
    expires: Field[str | None]
    status: Field[Status]
    audience: Field[str]


def extract(raw: RawDocument, today: date) -> Extracted:
    """Read a document's own words about itself; never raises, whatever the text is.

    Args:
        raw: the document as its reader found it; its front matter is not looked at.
        today: the day for which `status` is proposed.
    """
    layout = lay_out(raw.text)
    signature = find_signature(layout)
    title = read_title(raw, layout)
    number = own_number(raw, layout)
    issuer = issuers(layout, signature, title, number)
    term = read_term(raw, layout, signature, title, number)
    return Extracted(
        title=title.field,
        doc_no=number,
        issuer=issuer,
        level=level(layout, issuer, title.field),
        issued=term.issued,
        effective=term.effective,
        expires=term.expires,
        status=_status(raw, layout, term, today),
        audience=best(_audience(layout), ""),
    )


def _status(raw: RawDocument, layout: Layout, term: Term, today: date) -> Field[Status]:
    """By what is printed on it, by its last day, by its first; uncertain without any of these."""
    for line in layout.opening:
        if match := _LAPSED.search(line.text):
            return Field(Status.EXPIRED, 0.9, layout.evidence(line.start + match.start(), line.start + match.end()))
    if match := _LAPSED.search(plain_text(raw.title)):
        return Field(Status.EXPIRED, 0.85, raw.title[match.start() : match.end()])
    fact = layout.facts.get("validity")
    said = next((status for words, status in _VALIDITY if fact and words.search(fact.value)), None)
    if fact and said is Status.EXPIRED:
        return Field(said, 0.95, layout.evidence(fact.start, fact.end))
    expires, effective = term.expires, term.effective
    if expires.value and expires.confidence >= BELIEVED and last_day(expires.value) < today:
        return Field(Status.EXPIRED, round(0.95 * expires.confidence, 2), expires.evidence)
    if fact and said:
        return Field(said, 0.95, layout.evidence(fact.start, fact.end))
    if effective.value and first_day(effective.value) <= today:
        return Field(Status.CURRENT, round(0.7 * effective.confidence, 2), effective.evidence)
    return Field(Status.UNCERTAIN, 0.5, "")


def _audience(layout: Layout) -> Iterator[Field[str]]:
    """What stands under or after `适用对象` and its like, or what `本办法适用于` names."""
    lines = [*layout.opening, *layout.body]
    for at, line in enumerate(lines):
        match = _AUDIENCE_KEY.fullmatch(line.text)
        if not match:
            continue
        told = match[1] or (lines[at + 1].text if at + 1 < len(lines) else "")
        start = line.start + match.start(1) if match[1] else lines[at + 1].start if told else line.end
        sentence = told.split("。")[0][:AUDIENCE].strip()
        if sentence and not sentence.startswith("|"):
            yield Field(sentence, 0.75, layout.evidence(start, start + len(sentence)))
    for match in _APPLIES.finditer(layout.plain):
        yield Field(match[1].strip(), 0.65, layout.evidence(match.start(), match.end()))
