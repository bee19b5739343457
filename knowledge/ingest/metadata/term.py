"""From when to when a document holds: issued, effective and expires, as ISO day, month or year.

Whether a year or month means its first or its last day is decided in document.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.ingest.document import RawDocument
from knowledge.ingest.metadata.days import (
    COUNT,
    DAY,
    YEAR_END,
    days_after,
    find_days,
    iso_day,
    last_of_term,
    read_day,
    read_number,
)
from knowledge.ingest.metadata.field import Field, best
from knowledge.ingest.metadata.layout import Layout, sentences
from knowledge.ingest.metadata.signature import Signature
from knowledge.ingest.metadata.title import Title

Day = Field[str | None]
REVISED = 0.6  # sureness of a day of effect that is older than the latest revision

_BEGINS = "施行|实施|执行|生效|试行|适用"
_THIS = re.compile(r"本(?![市区省县级年月日次人院部局])[\u4e00-\u9fff]{1,10}|以上政策|上述政策|政策(?=执行|实施)")
_FROM_DAY = re.compile(rf"(?:自|从|于)\s*({DAY})\s*(?:零时)?\s*(?:起|开始|日起)?\s*(?:正式|全面|开始)?\s*(?:{_BEGINS})")
_FROM_ISSUE = re.compile(
    rf"自(?:本[\u4e00-\u9fff]{{2,6}})?(?:印发|发布|公布|下发|颁布|发文|签发)之?日(?:期)?(?:起)?\s*"
    rf"(?:满?\s*({COUNT})\s*(?:个工作)?[日天](?:之?后|以后)?(?:起)?)?\s*(?:正式|开始)?\s*(?:{_BEGINS})"
)
_RANGE = re.compile(
    rf"(?:自|从|为|:|期限)\s*({DAY})\s*(?:起|开始)?\s*(?:至|到|—+|-|~)\s*({DAY}|[0-9]{{1,2}}月[0-9]{{1,2}}日)"
)
_TERM = re.compile(rf"\s*(?:有效期|执行期|实施期|施行期|试行期|{_BEGINS})|.*(?:有效期|期限|执行期|实施期|{_BEGINS})")
_APPLYING = re.compile("申报|申请|报名|受理|公示|提交|征集|填报|推荐")
_ITEM = re.compile(
    r"\s*(?:第[一二三四五六七八九十]{1,3}条|[一二三四五六七八九十0-9]{1,3}[、.]|\([一二三四五六七八九十0-9]{1,3}\))?\s*"
)
_UNTIL = re.compile(
    rf"(?:有效期限?|{_BEGINS}|执行期限?|实施期限?|延续|延长|延期|政策|截止日期?)[^。;《》]{{0,14}}?(?:至|到|截至|截止到?|截止至)\s*({DAY}|{YEAR_END})"
)
_YEARS = re.compile(
    rf"(?:有效期|试行期|施行期|实施期|执行期|暂行期)限?\s*(?:为|是|至)?\s*(?:自[^。;]{{2,20}}?(?:起|始))?\s*(?:,|计算,?)?\s*({COUNT})\s*年"
)
_OWN_TERM = re.compile(r"本(?![市区省县级年月日次人院部局])[\u4e00-\u9fff]{1,8}(?:的|有效|执行|实施|试行)")
_OF_A_RIGHT = re.compile(
    r"(?:证书|证|资格|资质|称号|认定|牌匾|名单|许可|标识|入库|备案|合同|结果|报告|企业)[^,。]{0,8}$"
)
_TITLE_YEARS = re.compile(r"\(?((?:19|20)[0-9]{2})\s*年?\s*[-—–~至]+\s*((?:19|20)[0-9]{2})\s*年")
_NUMBER_YEAR = re.compile(r"[〔公告令]((?:19|20)[0-9]{2})[〕年]")
_PARTIAL = re.compile("(?:19|20)[0-9]{2}(?:年|-(?:0[1-9]|1[0-2]))?")
_FILE_DAY = re.compile(r"(?:\(|_)((?:19|20)[0-9]{2})[-._]?([0-9]{2})[-._]?([0-9]{2})\)?(?:\.[A-Za-z0-9]{1,5})?$")
_EVENT = "公布|发布|颁布|通过|修订|修正|修改|批准|印发"


@dataclass(frozen=True)
class Term:
    """The three days of a document."""

    issued: Day
    effective: Day
    expires: Day


def read_term(
    raw: RawDocument, layout: Layout, signature: Signature | None, title: Title, number: Field[str | None]
) -> Term:
    """When a document was issued, from when and until when it holds.

    Args:
        raw: the document as the reader found it.
        layout: the same taken apart.
        signature: its signature.
        title: its title.
        number: its own number.
    """
    issued = best(_issued(raw, layout, signature, number), None)
    ranges = list(_ranges(layout))
    effective = best([*_effective(layout, issued), *(first for first, _last in ranges)], None)
    if effective.value and issued.value and len(layout.history) > 1 and effective.value < issued.value[:10]:
        # The day is that of the first text; from when the latest revision holds, it does not say.
        effective = Field(effective.value, min(effective.confidence, REVISED), effective.evidence)
    start = effective if effective.value else issued
    expires = best([*_expires(layout, start, title), *(last for _first, last in ranges)], None)
    return Term(issued, effective, expires)


def _issued(raw: RawDocument, layout: Layout, signature: Signature | None, number: Field[str | None]) -> Iterator[Day]:
    yield from _of_fact(layout, "issued", 0.95)
    latest = _of_history(layout, _EVENT, 0.9)
    if latest:
        yield latest
    if signature:
        words = layout.evidence(signature.day_start, signature.end)
        yield Field(signature.day, 0.9 if signature.names else 0.65, words)
    yield from _of_fact(layout, "published", 0.7)
    if (match := _FILE_DAY.search(raw.name)) and (day := iso_day(*map(int, match.groups()))):
        # The national database names files so, and its lists of revisions end too early at times.
        yield Field(day, 0.92 if latest and latest.value and day > latest.value else 0.55, raw.name)
    if number.value and (match := _NUMBER_YEAR.search(number.value)):
        yield Field(match[1], 0.5, number.evidence)


def _effective(layout: Layout, issued: Day) -> Iterator[Day]:
    yield from _of_fact(layout, "effective", 0.95)
    if began := _of_history(layout, "施行", 0.85):
        yield began
    stated: list[Day] = []
    for sentence, start in sentences(layout.plain):
        for match in _FROM_DAY.finditer(sentence):
            words = layout.evidence(start, start + match.end())
            stated += _day(read_day(match[1]), _bearing(sentence[: match.start()]), words)
        for match in _FROM_ISSUE.finditer(sentence):
            words = layout.evidence(start, start + match.end())
            sure = min(0.88, issued.confidence)
            if match[1] and issued.value:
                stated += _day(days_after(issued.value, read_number(match[1])), sure * 0.8, words)
            else:
                stated += _day(issued.value, sure, words)
    yield from reversed(stated)  # where a forwarding notice and its attachment both say it, the attachment


def _bearing(before: str) -> float:
    """How sure it is that a day is the document's own, by the words of the sentence before it."""
    if _THIS.search(before):
        return 0.92
    return 0.35 if "《" in before else 0.6


def _expires(layout: Layout, start: Day, title: Title) -> Iterator[Day]:
    yield from _of_fact(layout, "expires", 0.92)
    before = ""
    for sentence, place in sentences(layout.plain):
        context = f"{before},{sentence}" if _TERM.match(sentence) else sentence
        before = sentence
        own = bool(_FROM_DAY.search(context) or _FROM_ISSUE.search(context) or _OWN_TERM.search(sentence))
        sure = 0.88 if own else 0.55
        for match in _UNTIL.finditer(sentence):
            if not (_OF_A_RIGHT.search(sentence[: match.start()]) or _APPLYING.search(sentence) or "以来" in match[0]):
                words = layout.evidence(place + match.start(), place + match.end())
                yield from _day(read_day(match[1]), sure, words)
        for match in _YEARS.finditer(sentence):
            if own and start.value and not _OF_A_RIGHT.search(sentence[: match.start()]):
                words = layout.evidence(place + match.start(), place + match.end())
                last = last_of_term(start.value, read_number(match[1]))
                yield from _day(last, min(sure, start.confidence), words)
    if years := _TITLE_YEARS.search(title.full):
        yield Field(years[2], 0.6, title.field.evidence)


def _ranges(layout: Layout) -> Iterator[tuple[Day, Day]]:
    """First and last day of `执行期限为…至…` and of `自…至…` where a sentence begins so; not those for applying."""
    for sentence, place in sentences(layout.plain):
        if _APPLYING.search(sentence):
            continue
        for match in _RANGE.finditer(sentence):
            opens = _ITEM.fullmatch(sentence[: match.start()]) and sentence[match.end() :].startswith((",", "期间,"))
            sure = 0.8 if _TERM.search(sentence) else 0.6 if opens else 0.0
            first = read_day(match[1])
            last = read_day(match[2] if "年" in match[2] or not first else f"{first[:4]}年{match[2]}")
            if sure and first and last and first <= last:
                words = layout.evidence(place + match.start(), place + match.end())
                yield Field(first, sure, words), Field(last, sure, words)


def _of_fact(layout: Layout, key: str, sure: float) -> Iterator[Day]:
    fact = layout.facts.get(key)
    days = list(find_days(fact.value)) if fact else []
    if fact and days:
        day = days[-1] if key == "expires" else days[0]  # 有效期 may be a range
        yield Field(day.iso, sure, layout.evidence(fact.start + day.start, fact.start + day.end))
    elif fact and _PARTIAL.fullmatch(fact.value):
        yield Field(fact.value.removesuffix("年"), sure, layout.evidence(fact.start, fact.end))


def _of_history(layout: Layout, verbs: str, sure: float) -> Day | None:
    """The latest day on which one of these things was done to a statute."""
    done: list[Day] = []
    for line in layout.history:
        days = list(find_days(line.text))
        ends = [*(day.start for day in days[1:]), len(line.text)][: len(days)]  # a line may hold no day at all
        for day, end in zip(days, ends, strict=True):
            if re.search(verbs, line.text[day.end : end]):
                done.append(Field(day.iso, sure, layout.evidence(line.start + day.start, line.start + end)))
    return max(done, key=lambda field: field.value or "", default=None)


def _day(iso: str | None, sure: float, words: str) -> list[Day]:
    return [Field(iso, round(sure, 2), words)] if iso else []
