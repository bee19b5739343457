"""The title of a document: of its table, its opening lines, the page, or its file name as the last resort.

A notice that only forwards a document is called by what it forwards: `关于印发《X》的通知` is X. The issuers in front of a
title are not a part of it; they are read from it by metadata_issuer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.settings import get_district
from knowledge.ingest.document import RawDocument
from knowledge.ingest.metadata.days import DAY
from knowledge.ingest.metadata.field import Field, best
from knowledge.ingest.metadata.layout import Layout, Line, plain_text
from knowledge.ingest.metadata.names import split_names
from knowledge.ingest.metadata.number import NUMBER

LONGEST = 200  # characters, as FrontMatter allows
TITLE_LINES = 5  # lines that one title takes up

_NOTICE = "通知|公告|通告|通报|意见|决定|决议|命令|令|函|批复|复函|答复|公示|公报"
_RULES = (
    "法|法典|条例|办法|规定|细则|规则|方案|计划|规划|措施|举措|政策|指南|指引|纲要|标准|目录|清单|名单|章程|规范|要点|要求|制度|机制|预案"
    "|行动|倡议|解读|问答|说明|解释|报告|手册|流程|须知|事项|工程"
)
_ASIDE = r"(?:\s*\([^()]{1,40}\)){0,2}"
_OFFICIAL = re.compile(rf".{{2,220}}?(?:{_NOTICE}|{_RULES}){_ASIDE}", re.DOTALL)
_OFFICIAL_NOTICE = re.compile(rf".{{2,220}}?(?:{_NOTICE}){_ASIDE}", re.DOTALL)
_SUBJECT = re.compile("关于|印发|转发|批转")
_ANCHOR = re.compile("关于|《|中华人民共和国|国务院|国家|北京|全国")
_FORWARD = re.compile(
    rf"(?P<before>.*?)(?:关于)?(?:联合|修订|修改|重新)?(?P<verb>印发|发布|公布|颁布|下发|转发|批转)(?:修订后的|新修订的|修改后的)?"
    rf"(?P<inner>.+?)的(?:通知|公告|通告|决定|函|命令|令){_ASIDE}",
    re.DOTALL,
)
_OUTER = str.maketrans("〈〉", "《》")  # marks of a title within a title, once it stands by itself
_QUOTED = re.compile(r"《((?:[^《》]|《[^《》]*》)+)》|〈([^〈〉]+)〉")
_HANDS_ON = (
    "印发",
    "下发",
    "转发",
    "批转",
)  # 发布 and 公布 without 《》 are notices of their own: of lists, of results
_INNER = re.compile(
    rf".{{4,}}(?:通知|公告|条例|办法|规定|细则|规则|方案|计划|规划|措施|举措|政策|指南|指引|纲要|标准|要点|制度|预案|意见){_ASIDE}",
    re.DOTALL,
)
_NUMBER = re.compile(NUMBER)
_PROMULGATED = re.compile(r"《([^《》]{3,80})》(?:已经?|业经|于)[^。]{0,120}?(?:通过|批准|审议|公布|发布|施行)")
_NOISE = re.compile(
    rf"(?:当前位置|您(?:现在)?的?(?:当前)?位置|首\s*页|字号|字体|【?字|打印|分享|收藏|来源|作者|时间|下载|浏览|责任编辑|附件|目\s*录$|政策文件$|政策法规$|{DAY}|第.{{1,4}}号$)"
    r"|.*(?:[>»›]|网站?$|门户|文件$|委员会公告$)|.*[部局署委会府院席]令$"
)
_SITE_BREAK = re.compile(r"\s*[_|]\s*|\s+[-–—]+\s+|\s*--+\s*|-(?=[^-]*(?:网|网站|门户|平台|政府|局|委)$)|\s*[>»›]\s*")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_FILE_DATE = re.compile(r"[\s_(-]*(?:19|20)[0-9]{2}[-._]?(?:0[1-9]|1[0-2])[-._]?(?:0[1-9]|[12][0-9]|3[01])\)?$")
_COPY = re.compile(
    r"^\s*附件?\s*[0-9一二三四五六七八九十]*\s*[:.、_-]\s*|\s*\([0-9]{1,2}\)$|[-_ ]*(?:副本|定稿|终稿|扫描件)$"
)
_NUMBER_BESIDE = re.compile(rf"\s*[(【]\s*{NUMBER}\s*[)】]|^{NUMBER}\s*(?=\S)|\s+{NUMBER}$")


@dataclass(frozen=True)
class Title:
    """The title as proposed, and in full as it stands: with its issuers and the words of forwarding."""

    field: Field[str]
    full: str


def read_title(raw: RawDocument, layout: Layout) -> Title:
    """The document's title; empty where not even the file has a name."""
    found = [(full, _proposed(full, sure, words, layout)) for full, sure, words in _found(raw, layout)]
    field = best((title for _full, title in found if title.value), "")
    full = next((full for full, title in found if title.value == field.value), "")
    return Title(field, full)


def comparable(title: str) -> str:
    """The title without blanks, punctuation, issuers and words of forwarding: equal for two versions of a document."""
    return re.sub(r"[\W_]", "", _core(plain_text(title)))


def _proposed(full: str, sure: float, words: str, layout: Layout) -> Field[str]:
    core = _core(full)
    if core != full and any(line.text == core for line in layout.body):
        sure = max(sure, 0.95)  # what is forwarded follows under its name
    return Field(core[:LONGEST].strip(), sure, words)


def _core(full: str) -> str:
    """The title without its number and issuers; of a forwarding notice the title of what it forwards."""
    text = _NUMBER_BESIDE.sub("", full).strip()
    forward = _FORWARD.fullmatch(text)
    if forward and (not forward["before"] or split_names(forward["before"])):
        inner = forward["inner"].strip()
        quoted = [(match[1] or match[2]).translate(_OUTER) for match in _QUOTED.finditer(inner)]
        if quoted and not _QUOTED.sub("", inner).strip("、和与及, "):
            return _core(quoted[0]) if len(quoted) == 1 else "、".join(quoted)
        if forward["verb"] in _HANDS_ON and _INNER.fullmatch(inner):
            return _core(inner)
    before, about, subject = text.partition("关于")
    return about + subject if about and split_names(before) else text


def _found(raw: RawDocument, layout: Layout) -> Iterator[tuple[str, float, str]]:
    """Titles in full, how sure each is, and the words it was taken from."""
    if fact := layout.facts.get("title"):
        yield _squeezed(fact.value), 0.9, layout.evidence(fact.start, fact.end)
    yield from _of_opening(layout)
    for line in layout.body[:4]:
        if match := _PROMULGATED.match(line.text):
            yield match[1].translate(_OUTER), 0.8, layout.evidence(line.start, line.start + match.end())
            break
    if raw.title.strip():
        pieces = [piece for piece in _SITE_BREAK.split(_squeezed(plain_text(raw.title))) if piece.strip()]
        official = [piece for piece in pieces if _OFFICIAL.fullmatch(piece)]
        if pieces:
            yield (official or [max(pieces, key=len)])[0], 0.8 if official else 0.45, raw.title.strip()
    stem = _COPY.sub("", _FILE_DATE.sub("", _SUFFIX.sub("", plain_text(raw.name).rsplit("/", 1)[-1]))).strip(" _-")
    if stem:
        yield stem, 0.5 if _OFFICIAL.fullmatch(stem) else 0.25, raw.name


def _of_opening(layout: Layout) -> Iterator[tuple[str, float, str]]:
    """The opening's title over one line or several, or its first heading."""
    lines = layout.opening
    usable = [_is_fragment(line) for line in lines]
    titles: list[tuple[str, float, str]] = []
    for at, line in enumerate(lines):
        if usable[at] and (end := _last_line(lines, usable, at)) is not None:
            text = _squeezed("".join(part.text for part in lines[at : end + 1]))
            sure = 0.9 if _anchored(text) else 0.85 if line.heading else 0.65
            titles.append((text, sure, layout.evidence(line.start, lines[end].end)))
    if titles:
        yield max(titles, key=lambda title: title[1])
        return
    fit = [line for line, fits in zip(lines, usable, strict=True) if fits]
    first = next((line for line in fit if line.heading == 1), fit[0] if fit else None)
    if first:
        yield _squeezed(first.text), 0.6 if first.heading else 0.35, layout.evidence(first.start, first.end)


def _last_line(lines: tuple[Line, ...], usable: list[bool], at: int) -> int | None:
    """Index of the line with which a title that begins at a line is complete; None if it never is."""
    complete: int | None = None
    text = ""
    for end in range(at, min(at + TITLE_LINES, len(lines))):
        if not usable[end] or (end > at and _anchored(lines[end].text)):
            break
        text += lines[end].text
        if _OFFICIAL_NOTICE.fullmatch(text):
            return _with_aside(lines, end)
        if complete is None and _OFFICIAL.fullmatch(text):
            complete = _with_aside(lines, end)
            if not _SUBJECT.search(text):  # a notice may go on: 关于印发…办法 / 的通知
                return complete
    return complete


def _with_aside(lines: tuple[Line, ...], end: int) -> int:
    """The next line too where it is `(试行)` or the like."""
    return end + 1 if end + 1 < len(lines) and re.fullmatch(r"\([^()]{1,20}\)", lines[end + 1].text) else end


def _is_fragment(line: Line) -> bool:
    return not (_NOISE.match(line.text) or split_names(line.text) or _NUMBER.fullmatch(line.text.strip("()【】 ")))


def _anchored(text: str) -> bool:
    """Whether a title may begin so: with 关于, with issuers before it, or with the name of a place."""
    subject = _SUBJECT.search(text)
    if subject:
        before = text[: subject.start()].strip()
        return not before or bool(split_names(before))
    return bool(_ANCHOR.match(text)) or text.startswith((get_district().city, get_district().name))


def _squeezed(text: str) -> str:
    """The text without a blank after every character, where it is set wide, and without double blanks."""
    words = text.split()
    return "".join(words) if words and len(words) > len("".join(words)) / 2 else " ".join(words)
