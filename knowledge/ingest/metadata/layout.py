"""What stands where in a policy document: the table above it, its opening lines, the body and the signature.

The parts are those of 党政机关公文格式 (GB/T 9704-2012): number, title, addressee, body, signature and day. Above them
the pages of government sites put a table of 发文机关, 发文字号, 成文日期, 有效性 and the like.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from knowledge.ingest.metadata.days import DAY

OPENING_LINES = 60  # a site's table has up to 20 lines, its navigation as many
LONG = 45  # characters from which a line that ends a sentence is body

# One character for one, so that a place in the plain text is the same place in the document.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    "﹝﹞○\u3000\xa0\t\r\u2002\u2003\u200b\ufeff*`", "〔〕〇" + " " * 10
)

_KEYS: Mapping[str, str] = {
    "title": "标题 文件名称 文件标题 政策名称 名称",
    "number": "发文字号 发文编号 文件字号 文件编号 发文文号 公文文号 文号",
    "issuer": "发文机关 发文机构 发文单位 发文部门 发布部门 制定机关 发布机关 发布机构 发布单位 公布机关 颁布单位 颁发部门",
    "joint": "联合发文单位 联合发文机构 联合发文机关",
    "issued": "成文日期 成文时间 发文日期 发文时间 印发日期 印发时间 签发日期 公布日期 颁布日期 颁布时间",
    "published": "发布日期 发布时间 公开日期 信息公开日期 生成日期",
    "effective": "实施日期 施行日期 生效日期 执行日期 实施时间 施行时间 生效时间",
    "expires": "失效日期 废止日期 失效时间 废止时间 终止日期 有效期",
    "validity": "有效性 时效性 文件状态 效力状态 有效状态 是否有效",
    "other": "索引号 主题分类 主题词 信息来源 来源 公开方式 公开类别 公开主体 体裁分类 服务对象 信息分类 信息类别 组配分类 公文种类 文种 效力级别 文章来源",
}
_KEY_OF = {word: key for key, words in _KEYS.items() for word in words.split()}
# Keys in a column are justified: `文  号`.
_WORDS = "|".join(r"[ ]{0,6}".join(word) for word in sorted(_KEY_OF, key=len, reverse=True))
_KEY_CELL = re.compile(rf"[\[【]?\s*({_WORDS})\s*[\]】]?\s*:?")
_KEY_IN_LINE = re.compile(rf"[\[【]\s*({_WORDS})\s*[\]】]\s*:?|(?<![\u4e00-\u9fff])({_WORDS})\s*:")
_NOTHING = re.compile(r"[-—/ ]*|无|暂无")

_MARKUP = re.compile(r"[\s>]*(?:#{1,6}\s+)?")
_RULE = re.compile(r"[-=_—~\s|:]*|<!--.*-->")
_ADDRESSEE = re.compile(r"(?=.*(?:各|有关|[市区县]|局|委|政府|企业|单位|公司|银行|部门|机构)).{3,400}:")
_BODY = re.compile(
    r"第[一1]条|第[一1]章|(?:适用|支持|申报|申请|补贴|补助|奖励|扶持)(?:对象|范围|条件)|总体要求$|(?:一|\(一\)|1)\s*[、.]|(?:为|为了|根据|依据|按照|现将|现就|现予|近日|经[^,]{2,30}同意)(?![^。,]{0,60}$)"
)
_HISTORY = re.compile(
    rf"\(?\s*(?:[^,。()]{{0,12}}?于\s*)?{DAY}.{{0,200}}?(?:公布|发布|颁布|通过|修订|修正|修改|批准|印发|拟订|施行)"
)
_HISTORY_SENTENCE = re.compile(r"(?:现予|现将|如下|制定本|特制定)")


@dataclass(frozen=True)
class Line:
    """A line of plain text without its markup, where it starts in the document, and its heading level (0: it is none)."""

    text: str
    start: int
    heading: int

    @property
    def end(self) -> int:
        """Where it ends in the document."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Fact:
    """A value of the table above a document, and where it stands."""

    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """A document taken apart.

    Attributes:
        source: the text as it came.
        plain: the text with punctuation and figures of one width; every character at its place in the source.
        facts: what the table above it says, by the keys `title`, `number`, `issuer`, `issued` and so on.
        opening: lines above the body that are not of that table.
        history: the opening's lines on when a statute was passed and revised.
        body: the other lines.
    """

    source: str
    plain: str
    facts: Mapping[str, Fact]
    opening: tuple[Line, ...]
    history: tuple[Line, ...]
    body: tuple[Line, ...]

    def evidence(self, start: int, end: int) -> str:
        """The words of the source between two places."""
        return self.source[start:end].strip()


def plain_text(text: str) -> str:
    """The text with full-width punctuation, letters and figures made ASCII; it keeps its length."""
    return text.translate(_PLAIN)


def lay_out(text: str) -> Layout:
    """Take a document apart."""
    plain = plain_text(text)
    lines = list(_lines(plain))
    facts, used = _facts(lines[:OPENING_LINES])
    end = next((at for at, line in enumerate(lines) if at not in used and _is_body(line)), len(lines))
    end = min(end, OPENING_LINES)
    opening = [line for at, line in enumerate(lines[:end]) if at not in used and not line.text.startswith("|")]
    history = [line for line in opening if _is_history(line.text)]
    return Layout(
        source=text,
        plain=plain,
        facts=facts,
        opening=tuple(line for line in opening if line not in history),
        history=tuple(history),
        body=tuple(lines[end:]),
    )


def sentences(plain: str) -> Iterator[tuple[str, int]]:
    """Sentences of a plain text without their full stop, each with the place where it starts."""
    for match in re.finditer(r"[^。;\n]+", plain):
        yield match[0], match.start()


def _lines(plain: str) -> Iterator[Line]:
    for match in re.finditer(r"[^\n]+", plain):
        markup = _MARKUP.match(match[0])
        before = markup.end() if markup else 0
        text = match[0][before:].rstrip(" #")
        if not _RULE.fullmatch(text):
            yield Line(text, match.start() + before, match[0].count("#", 0, before))


def _is_body(line: Line) -> bool:
    if _is_history(line.text) or line.text.startswith("|"):
        return False
    if _ADDRESSEE.fullmatch(line.text) or _BODY.match(line.text):
        return True
    return len(line.text) >= LONG and line.text.endswith("。") and not line.heading


def _is_history(text: str) -> bool:
    return bool(_HISTORY.match(text)) and not _HISTORY_SENTENCE.search(text)


def _facts(lines: list[Line]) -> tuple[dict[str, Fact], set[int]]:
    """The table above a document, and which lines it takes up."""
    facts: dict[str, Fact] = {}
    used: set[int] = set()
    for at, line in enumerate(lines):
        below = lines[at + 1] if at + 1 < len(lines) else None
        pairs = list(_cells(line, below) if line.text.startswith("|") else _in_line(line, below))
        if pairs:
            used.add(at)
        for key, fact in pairs:
            if not _NOTHING.fullmatch(fact.value):
                facts.setdefault(key, fact)
    return facts, used


def _in_line(line: Line, below: Line | None) -> Iterator[tuple[str, Fact]]:
    """`key: value` pairs of a line, or `[key] value`; the value of the last may stand on the line below."""
    keys = list(_KEY_IN_LINE.finditer(line.text))
    if not keys or keys[0].start() > LONG:
        return
    ends = [after.start() for _key, after in pairwise(keys)] + [len(line.text)]
    for match, end in zip(keys, ends, strict=True):
        key = _KEY_OF[(match[1] or match[2]).replace(" ", "")]
        fact = _fact(line.text[match.end() : end], line.start + match.end())
        if not fact.value and end == len(line.text) and below and not _KEY_IN_LINE.search(below.text):
            fact = _fact(below.text, below.start)
        yield key, fact


def _cells(line: Line, below: Line | None) -> Iterator[tuple[str, Fact]]:
    """Pairs of a table's row: the value beside its key, or below it where the next cell is a key too."""
    cells = _row(line)
    under = _row(below) if below and below.text.startswith("|") else []
    for at, cell in enumerate(cells):
        match = _KEY_CELL.fullmatch(cell.value)
        if not match:
            continue
        beside = cells[at + 1] if at + 1 < len(cells) else None
        if beside and not _KEY_CELL.fullmatch(beside.value):
            yield _KEY_OF[match[1].replace(" ", "")], beside
        elif len(under) == len(cells) and not _KEY_CELL.fullmatch(under[at].value):
            yield _KEY_OF[match[1].replace(" ", "")], under[at]


def _row(line: Line) -> list[Fact]:
    return [_fact(match[0], line.start + match.start()) for match in re.finditer(r"[^|]+", line.text)]


def _fact(text: str, start: int) -> Fact:
    value = text.strip()
    start += len(text) - len(text.lstrip())
    return Fact(value, start, start + len(value))
