"""What stands above the text of an official page: its title, address, issuer, number and days, in tables, lists or tags."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from knowledge.ingest.readers import prose
from knowledge.ingest.readers.tables import LABELS, bare_label

LONG_BLOCK = 40  # characters: with the first such block the text itself begins
MAX_VALUE_CHARACTERS = 200

# Tags that government sites must carry (政府网站发展指引, 国办发〔2017〕47号, annex 2), and what they say.
_TAGS = {"articletitle": "标题", "pubdate": "发布日期", "contentsource": "来源", "documentnumber": "发文字号"}
# Labels that texts use for other things as well are believed in a table only.
_AMBIGUOUS = {"名称", "标题", "关键词", "内容概述", "适用范围", "有效期", "文种", "文号"}
_LINE_LABELS = sorted((label for label in LABELS if label not in _AMBIGUOUS), key=len, reverse=True)
# Blanks may stand within a label (`索 引 号`), brackets around it (`[发文字号]`).
_SPACED = "|".join(r"\s*".join(label) for label in _LINE_LABELS)
_PAIR = re.compile(rf"(?<![\u4e00-\u9fff])(?:({_SPACED})\s*[：:]|[\[【]\s*({_SPACED})\s*[\]】]\s*[：:]?)")
# What follows on such a line for the reader alone.
_AFTER_VALUE = re.compile(r"\s*(?:[【\[|]|字[号体]|浏览|点击|访问|阅读|打印|分享|收藏).*")
_SITE = re.compile(r"\s*(?:_|\||\s[-—–]\s).*")  # title_column_site
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)")
_ADDRESS = re.compile(r"https?://\S+")
_BLOCK_NAMES = (
    "address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table tbody td tfoot th thead tr ul"
)
_BLOCK_TAGS = frozenset(_BLOCK_NAMES.split())


def title_of(tree: Any, rows: Sequence[tuple[str, str]]) -> str:
    """The document's title: from its tag, the head table, the only heading of level 1, or the window without the site."""
    headline = tree.xpath("//h1")
    candidates = [
        _tag(tree, "articletitle"),
        *(value for label, value in rows if label == "标题"),
        headline[0].text_content() if len(headline) == 1 else "",
        *tree.xpath("//meta[@property='og:title']/@content"),
        _SITE.sub("", "".join(tree.xpath("//head/title//text()"))),
    ]
    return next((title for title in map(prose.one_line, candidates) if title), "")


def url_of(tree: Any, source: str) -> str | None:
    """The address at which the page says that it stands, or from which a browser saved it."""
    saved = _SAVED_FROM.search(source[:4096])
    candidates = [
        *tree.xpath("//link[@rel='canonical']/@href"),
        *tree.xpath("//meta[@property='og:url']/@content"),
        _tag(tree, "url"),
        saved[1] if saved else "",
    ]
    return next((url.strip() for url in candidates if _ADDRESS.fullmatch(url.strip())), None)


def lines_of(tree: Any) -> list[str]:
    """The whole page's words, a line for each of its blocks."""
    parts: list[str] = []

    def walk(element: Any) -> None:
        is_block = element.tag in _BLOCK_TAGS
        if is_block:
            parts.append("\n")
        parts.append(" ".join((element.text or "").split()))
        for child in element:
            walk(child)
            parts.append(" ".join((child.tail or "").split()) + " ")
        if is_block:
            parts.append("\n")

    for body in tree.iter("body"):
        walk(body)
    return [line for line in prose.tidy("".join(parts)).split("\n") if line]


def facts(tree: Any, rows: Sequence[tuple[str, str]], lines: Sequence[str], blocks: Sequence[str]) -> dict[str, str]:
    """Label and value of what the page says about its document.

    Args:
        tree: the page.
        rows: label and value of its head tables.
        lines: the whole page.
        blocks: the main text; only what stands above its first long block is looked at.
    """
    found = dict(rows)
    for label, value in _pairs(_above(lines, blocks)):
        found.setdefault(label, value)
    for name, label in _TAGS.items():
        if value := prose.one_line(_tag(tree, name)):
            found.setdefault(label, value)
    return found


def without_facts(blocks: Sequence[str], known: Mapping[str, str], title: str) -> list[str]:
    """Blocks without those that only repeat the title or what the table of facts says.

    Single lines go only above the text, where the head of a page is; a list of facts goes wherever it was put.
    """
    said = {_squeezed(text) for text in (title, *known, *known.values())}
    said |= {_squeezed(label + value) for label, value in known.items()}
    kept: list[str] = []
    at_top = True
    for block in blocks:
        words = _squeezed(block)
        at_top = at_top and (len(block) < LONG_BLOCK or words in said or bool(_PAIR.match(block.removeprefix("- "))))
        repeats = words in said or (
            all(_squeezed(a + b) in said for a, b in _pairs([block])) and bool(_PAIR.match(block))
        )
        lines = block.split("\n")
        is_list = len(lines) > 1 and all(_squeezed(line) in said for line in lines)
        if not (is_list or (at_top and repeats)):
            kept.append(block)
    return kept


def _above(lines: Sequence[str], blocks: Sequence[str]) -> Sequence[str]:
    first = next((block for block in blocks if len(block) >= LONG_BLOCK and not block.startswith("|")), "")
    opening = _squeezed(first)[:20]
    end = next((at for at, line in enumerate(lines) if opening and opening in _squeezed(line)), len(lines))
    return lines[:end]


def _pairs(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Labels with a colon and what follows each: on its line up to the next label, or else the next line."""
    found = []
    for at, line in enumerate(lines):
        matches = list(_PAIR.finditer(line))
        for number, match in enumerate(matches):
            end = matches[number + 1].start() if number + 1 < len(matches) else len(line)
            value = _AFTER_VALUE.sub("", line[match.end() : end]).strip()
            following = lines[at + 1] if at + 1 < len(lines) else ""
            if not value and end == len(line) and not _PAIR.match(following):
                value = following
            if value and len(value) <= MAX_VALUE_CHARACTERS:
                found.append((bare_label(match[1] or match[2]), value))
    return found


def _tag(tree: Any, name: str) -> str:
    """Content of a `meta` tag; sites write its name in any case."""
    for element in tree.iter("meta"):
        if (element.get("name") or "").strip().lower() == name:
            return element.get("content") or ""
    return ""


def _squeezed(text: str) -> str:
    return re.sub(r"[\s：:\-\[\]【】#]", "", text)
