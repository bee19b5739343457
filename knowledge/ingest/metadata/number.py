"""Numbers of documents: 京财金融〔2020〕2682号, 国务院令第802号, 财政部 税务总局公告2023年第12号 and their kin.

A number is given as the document writes it, with 〔〕 for whatever brackets stand there and without blanks.
"""

import re
from collections.abc import Iterator

from knowledge.ingest.document import RawDocument
from knowledge.ingest.metadata.days import read_number
from knowledge.ingest.metadata.field import Field, best
from knowledge.ingest.metadata.layout import Layout, plain_text

_OPEN, _CLOSE = r"[〔\[(【〖<{]", r"[〕\])】〗>}]"
_YEAR = r"(?:19|20)[0-9]{2}"
_GAP = r"\s{0,4}"
_NAME = r"[\u4e00-\u9fff]{2,20}"
_ORDINAL = rf"第{_GAP}(?:[0-9]{{1,4}}|[〇零一二三四五六七八九十百]{{1,7}}){_GAP}号"

_CODED = (
    rf"[\u4e00-\u9fff]{{1,12}}{_GAP}{_OPEN}{_GAP}{_YEAR}{_GAP}年?{_GAP}{_CLOSE}{_GAP}"
    rf"第?{_GAP}[0-9]{{1,5}}{_GAP}号(?:、[0-9]{{1,5}}号)*"
)
_ORDER = (
    rf"(?:中华人民共和国)?(?:国务院|主席|[\u4e00-\u9fff]{{1,20}}(?:部|局|署|委|会|政府|银行))令"
    rf"{_GAP}(?:{_OPEN}?{_YEAR}年?{_CLOSE}?)?{_GAP}{_ORDINAL}"
)
_ANNOUNCEMENT = (
    rf"{_NAME}(?:[ 、]{{1,4}}{_NAME}){{0,9}}{_GAP}(?:公告|通告){_GAP}"
    rf"(?:{_OPEN}?{_GAP}{_YEAR}{_GAP}年?{_GAP}{_CLOSE}?|{_OPEN}[一二三四五六七八九十]{{1,3}}届{_CLOSE})?{_GAP}{_ORDINAL}"
)
NUMBER = rf"(?:{_ANNOUNCEMENT}|{_ORDER}|{_CODED})"
"""Pattern of a document number in plain text (metadata_layout); it has no groups."""

_NUMBER = re.compile(NUMBER)
_OWN_LINE = re.compile(rf"[(【]?\s*({NUMBER})\s*[)】]?(?:[\s《].*)?", re.DOTALL)
_AFTER_TITLE = re.compile(
    rf"(?:通知|公告|意见|决定|办法|细则|措施|方案|规定|条例|函|批复)》?(?:\([^()]{{1,12}}\))?\s*[(【]?({NUMBER})[)】]?"
)
_SERIAL_ONLY = re.compile(rf"[(【]?\s*({_YEAR}\s*年\s*{_ORDINAL})\s*[)】]?")  # its issuers stand in the title

# In running text the words before a number look like a part of it.
_BEFORE_NAME = re.compile("^.*(?:中华人民共和国|根据|按照|依据|依照|执行|落实|贯彻|废止|[日的》])", re.DOTALL)
_BEFORE_CODE = re.compile("^.*(?:根据|按照|依据|依照|参照|执行|落实|贯彻|关于|废止|[和与及见按原的对》])", re.DOTALL)
_BRACKETS = str.maketrans(dict.fromkeys("[(【〖<{", "〔") | dict.fromkeys("])】〗>}", "〕"))


def normalise(number: str) -> str:
    """The number with 〔〕 and without blanks, except those between the issuers of a joint announcement."""
    text = re.sub(r"\s+", " ", number.strip()).translate(_BRACKETS)
    names, announcement, serial = text.partition("公告")
    if announcement and " " in names.strip():
        return names.strip() + announcement + serial.replace(" ", "")
    return text.replace(" ", "")


def same_number(one: str, other: str) -> bool:
    """Whether two numbers are the same, whatever brackets, blanks and kind of figures they are written with."""
    return _comparable(one) == _comparable(other)


def cited(plain: str) -> Iterator[tuple[str, int, int]]:
    """Numbers in running plain text, normalised, and where each starts and ends."""
    for match in _NUMBER.finditer(plain):
        start = match.start() + _lead(match[0])
        if number := normalise(plain[start : match.end()]):
            yield number, start, match.end()


def own_number(raw: RawDocument, layout: Layout) -> Field[str | None]:
    """The document's own number: of its table, its opening or its history; never one that only the body cites."""
    return best(_candidates(raw, layout), None)


def _candidates(raw: RawDocument, layout: Layout) -> Iterator[Field[str | None]]:
    fact = layout.facts.get("number")
    if fact and (found := [number for number, _start, _end in cited(fact.value)]):
        yield Field(";".join(dict.fromkeys(found)), 0.95, layout.evidence(fact.start, fact.end))
    yield from _in_opening(layout)
    for line in reversed(layout.history):  # the latest revision's number is the one in use
        if numbers := list(cited(line.text)):
            number, start, end = numbers[-1]
            yield Field(number, 0.75, layout.evidence(line.start + start, line.start + end))
            break
    for text in (raw.title, raw.name):
        for number, start, end in cited(plain_text(text)):
            yield Field(number, 0.5, text[start:end])


def _in_opening(layout: Layout) -> Iterator[Field[str | None]]:
    own: dict[str, tuple[int, int]] = {}
    serial: tuple[int, int] | None = None
    for at, line in enumerate(layout.opening):
        match = _OWN_LINE.fullmatch(line.text) or _AFTER_TITLE.search(line.text)
        end = layout.opening[at + 1].end if at + 1 < len(layout.opening) else line.end
        if match is None and (split := _OWN_LINE.fullmatch(layout.plain[line.start : end])):
            match = split  # 国务院令 on a line, 第802号 on the next
        if match:
            start = match.start(1) + _lead(match[1])
            place = (line.start + start, line.start + match.end(1))
            own.setdefault(normalise(layout.plain[place[0] : place[1]]), place)
        elif serial is None and (bare := _SERIAL_ONLY.fullmatch(line.text)):
            serial = (line.start + bare.start(1), line.start + bare.end(1))
    if own:
        places = list(own.values())
        evidence = layout.evidence(places[0][0], places[-1][1]) if len(own) == 1 else "; ".join(own)
        yield Field(";".join(own), 0.92 if len(own) == 1 else 0.8, evidence)
    elif serial:
        yield Field(normalise(layout.plain[serial[0] : serial[1]]), 0.6, layout.evidence(*serial))


def _lead(number: str) -> int:
    """Length of the words in front of a number that are not a part of it."""
    before = _BEFORE_CODE if re.search(_OPEN + r"\s*(?:19|20)", number) and "令" not in number else _BEFORE_NAME
    head = re.split(r"[令公〔\[(【〖<{]", number, maxsplit=1)[0]
    match = before.match(head)
    return match.end() if match and match.end() < len(head) else 0


def _comparable(number: str) -> str:
    bare = re.sub(r"[\W_]|国家(?=税务)|中华人民共和国|第", "", plain_text(number))
    return re.sub("[〇零一二三四五六七八九十百]+(?=号)", lambda match: str(read_number(match[0])), bare)
