"""What a document does to others (replaces, amends, implements them), and whether two documents are the same one."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from knowledge.ingest.metadata.layout import plain_text, sentences
from knowledge.ingest.metadata.number import cited, same_number
from knowledge.ingest.metadata.title import comparable
from knowledge.models import RelationKind

OPENING = 3000  # characters within which a document says what it is based on
LONGEST = 200  # characters of a title
SHINGLE = 5  # characters
DUPLICATE = 0.95  # Jaccard similarity of two copies of a text, whatever OCR and web pages do to it

_NAMED = r"《(?:[^《》]|《[^《》]*》){2,150}》"
_TITLE = re.compile(_NAMED)
_NAME_OR_ASIDE = re.compile(rf"{_NAMED}|\([^()]*\)")
_SHORT_NAME = re.compile(rf"({_NAMED})\s*\([^()]{{0,60}}?简称[:\s]*[《“\"]?([^《》()“”\"]{{2,20}})[》”\"]?\)")
_DEFINES = re.compile(r"简称[:\s]{0,3}$")
_TO_NUMBER = re.compile(r"\s*(?:\([^()]{0,12}\))?\s*\(?\s*")  # between a title and its number
_ORDINAL = "第[一二三四五六七八九十百0-9]{1,6}[条款项章]"

# The rest is searched where names, asides and numbers have been masked, so that no word of a title counts.
_MASK = "\ue000"
_ABOLISHED = re.compile("(?<!已)(?<!已经)(?:废止|失效)|停止(?:执行|施行)|不再(?:执行|施行|适用)")
_ABOLISHES = re.compile(f"(?:废止|代替|取代|替代)原?(?={_MASK})")
_A_PART = re.compile(rf"{_ORDINAL}|(?:有关|相关|部分)条款|中的?(?:有关|相关)?(?:规定|内容|政策)|不一致|抵触")
_NO_LIST = re.compile("根据|依据|按照|依照|制定|修改|有效|执行")
_AMENDS = re.compile(
    rf"[对将](?:原|现行的?)?\s*(?P<names>{_MASK}[^,]*?)(?:[作做]|进行|予以|一并|{_ORDINAL}).{{0,40}}?(?:修改|修订|调整)"
    rf"|(?P<reworded>{_MASK})(?:中的?)?{_ORDINAL}.{{0,40}}?(?:修改|调整)为"
)
_PREVAILS = re.compile(r"(?:不一致|不符|抵触|冲突|有出入).{0,14}以本[\u4e00-\u9fff]{1,8}为准")
_BASED = re.compile(
    "(?:根据|依据|按照|依照|遵照|落实|贯彻).{0,500}?(?:制定(?:本|以下|如下|此)|特制定|提出(?:以下|如下)"
    "|(?:通知|公告|通告|决定|规定|意见|批复|函复|事项)如下|现就|现将)"
)
_TITLE_ACT = re.compile(r"关于(?P<act>修改|修订|调整|废止)(?:和废止)?[^《》]{0,6}(?=《)")


@dataclass(frozen=True)
class Relation:
    """One document that another names, and what it does to it.

    Attributes:
        kind: replaces it, amends a part of it, or carries it out.
        title: its title as written, without the outer 《》; empty where only its number is given.
        doc_no: its number, normalised; empty where only its title is given.
        confidence: 0 to 1.
        evidence: the sentence, or the title that says it.
    """

    kind: RelationKind
    title: str
    doc_no: str
    confidence: float
    evidence: str


class Sameness(StrEnum):
    """How two documents are the same one."""

    DUPLICATE = "duplicate"
    VERSION = "version"


@dataclass(frozen=True)
class Edition:
    """What two documents are compared by; `issued` as in FrontMatter, the body in any layout."""

    title: str
    doc_no: str | None
    level: str
    issued: str | None
    body: str

    @cached_property
    def letters(self) -> str:
        """The body without blanks, punctuation and markup, of one width."""
        return re.sub(r"[\W_]+", "", plain_text(self.body))

    @cached_property
    def digest(self) -> str:
        """The same for bodies that differ in blanks, punctuation and markup only."""
        return hashlib.sha256(self.letters.encode()).hexdigest()

    @cached_property
    def shingles(self) -> frozenset[str]:
        """Every run of five letters."""
        return frozenset(self.letters[at : at + SHINGLE] for at in range(max(1, len(self.letters) - SHINGLE + 1)))


@dataclass(frozen=True)
class Same:
    """That two documents are the same one.

    Attributes:
        how: the same text, or two versions of one document.
        newer: the edition issued later; None where that is not known.
        similarity: of the texts, 0 to 1.
        confidence: 0 to 1.
    """

    how: Sameness
    newer: Edition | None
    similarity: float
    confidence: float


def plain_title(title: str) -> str:
    """The title without blanks, punctuation, issuers and words of forwarding: the same for two versions of a document."""
    return comparable(title)


def relations(text: str, title: str) -> list[Relation]:
    """What a document does to others by its own words, each kind, title and number once, in the order of the text.

    Where only a part of another is abolished, or where one “以本办法为准” in what differs, it is amended: the rest of it
    still holds.

    Args:
        text: the document in any layout.
        title: its own title.
    """
    plain = plain_text(text)
    short_names = {match[2]: match[1][1:-1] for match in _SHORT_NAME.finditer(plain)}
    found: dict[tuple[RelationKind, str, str], Relation] = {}
    for relation in (*_of_title(title), *_of_text(text, plain)):
        full = replace(relation, title=short_names.get(relation.title, relation.title))
        if full.kind is not RelationKind.REPLACES and plain_title(full.title) == plain_title(title):
            continue  # an earlier version of the same name may be replaced, and nothing else
        key = (full.kind, full.title, full.doc_no)
        if key not in found or found[key].confidence < full.confidence:
            found[key] = full
    return list(found.values())


def same_document(one: Edition, other: Edition) -> Same | None:
    """Whether two documents are copies of one text, or versions of one document; None if they are neither.

    Texts that are alike but for their figures are versions: a notice of this year and the same notice of the last.
    """
    if one.digest == other.digest and one.letters:
        return Same(Sameness.DUPLICATE, _newer(one, other), 1.0, 0.99)
    similarity = _similarity(one, other)
    if similarity >= DUPLICATE and _figures(one) == _figures(other):
        return Same(Sameness.DUPLICATE, _newer(one, other), similarity, 0.95)
    number = bool(one.doc_no and other.doc_no and same_number(one.doc_no, other.doc_no))
    title = bool(plain_title(one.title)) and plain_title(one.title) == plain_title(other.title)
    if not (number or (title and one.level == other.level) or similarity >= DUPLICATE):
        return None
    confidence = 0.95 if number and title else 0.8 if title else 0.6
    return Same(Sameness.VERSION, _newer(one, other), similarity, confidence)


def _of_title(title: str) -> Iterator[Relation]:
    plain = plain_text(title).translate(str.maketrans("〈〉", "《》"))
    if act := _TITLE_ACT.search(plain):
        kind = RelationKind.REPLACES if act["act"] == "废止" else RelationKind.AMENDS
        for name, number in _targets(plain[act.end() :]):
            yield Relation(kind, name, number, 0.9, title)


def _of_text(text: str, plain: str) -> Iterator[Relation]:
    for sentence, start in sentences(plain):
        if "《" not in sentence and "号" not in sentence:
            continue
        masked = _masked(sentence)
        evidence = text[start : start + len(sentence)].strip()
        for kind, sure, names in (*_abolished(sentence, masked), *_amended(sentence, masked)):
            for title, number in _targets(names):
                yield Relation(kind, title, number, sure, evidence)
        if start < OPENING and (based := _BASED.search(masked)):
            for title, number in _targets(sentence[based.start() : based.end()]):
                yield Relation(RelationKind.IMPLEMENTS, title, number, 0.85, evidence)


def _abolished(sentence: str, masked: str) -> Iterator[tuple[RelationKind, float, str]]:
    """Words that name what is abolished: in the clause of the verb, and in the list that may stand before it."""
    clauses = [(match.start(), match.end()) for match in re.finditer("[^,]+", masked)]
    for at, (start, end) in enumerate(clauses):
        if active := _ABOLISHES.search(masked, start, end):
            yield RelationKind.REPLACES, 0.85, sentence[active.end() : end]
            continue
        verb = _ABOLISHED.search(masked, start, end)
        if not verb:
            continue
        first = start
        for above, below in reversed(clauses[:at]):
            if _NO_LIST.search(masked, above, below) or _ABOLISHED.search(masked, above, below):
                break
            if _MASK in masked[above:below]:
                first = above
            elif _MASK in masked[first : verb.start()]:
                break  # a list ends where a clause names nothing, but 自本办法施行之日起 may stand between
        words = masked[first : verb.start()]
        part = _A_PART.search(words[words.rfind(_MASK) + 1 :])
        kind, sure = (RelationKind.AMENDS, 0.75) if part else (RelationKind.REPLACES, 0.93)
        yield kind, sure, sentence[first : verb.start()]


def _amended(sentence: str, masked: str) -> Iterator[tuple[RelationKind, float, str]]:
    for match in _AMENDS.finditer(masked):
        start, end = match.span("names" if match["names"] else "reworded")
        while start and masked[start - 1] == _MASK:  # of a masked name the pattern matched only the last place
            start -= 1
        yield RelationKind.AMENDS, 0.9, sentence[start:end]
    if prevails := _PREVAILS.search(masked):
        yield RelationKind.AMENDS, 0.7, sentence[: prevails.start()]


def _masked(sentence: str) -> str:
    """The sentence, as long as it was, with names, asides in brackets and numbers masked."""
    masked = _NAME_OR_ASIDE.sub(lambda match: _MASK * len(match[0]), sentence)
    for _number, start, end in cited(sentence):
        masked = masked[:start] + _MASK * (end - start) + masked[end:]
    return masked


def _targets(words: str) -> list[tuple[str, str]]:
    """Titles with their numbers, and numbers that stand alone."""
    titles = [title for title in _TITLE.finditer(words) if not _DEFINES.search(words, 0, title.start())]
    numbers = [
        (number, start)
        for number, start, _end in cited(words)
        if not any(title.start() < start < title.end() for title in titles)
    ]
    found: list[tuple[int, str, str]] = []
    for title in titles:
        own = [one for one in numbers if one[1] >= title.end() and _TO_NUMBER.fullmatch(words, title.end(), one[1])]
        numbers = [one for one in numbers if one not in own]
        found.append((title.start(), title[0][1:-1][:LONGEST], own[0][0] if own else ""))
    found += [(start, "", number) for number, start in numbers]
    return [(title, number) for _start, title, number in sorted(found)]


def _similarity(one: Edition, other: Edition) -> float:
    """Jaccard similarity of the shingles; 0 where the lengths alone say that it is too small to matter."""
    shorter, longer = sorted((len(one.letters), len(other.letters)))
    if not shorter or shorter / longer < DUPLICATE / 2:
        return 0.0
    return len(one.shingles & other.shingles) / len(one.shingles | other.shingles)


def _figures(edition: Edition) -> Counter[str]:
    return Counter(re.findall("[0-9]+", plain_text(edition.body)))


def _newer(one: Edition, other: Edition) -> Edition | None:
    """The edition issued later; None where a day is missing or one may fall within the other, as 2025-03-17 in 2025."""
    if not one.issued or not other.issued or one.issued.startswith(other.issued) or other.issued.startswith(one.issued):
        return None
    return max(one, other, key=lambda edition: edition.issued or "")
