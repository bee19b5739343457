"""Reader of web pages: the main text by trafilatura, the head table of official documents, tables, the page's address."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import trafilatura
from lxml import etree

from knowledge.ingest.document import InvalidDocument, RawDocument
from knowledge.ingest.readers import headings, prose, tables
from knowledge.ingest.readers.content import Kind, of_kind
from knowledge.ingest.readers.encoding import decode
from knowledge.ingest.readers.html import page_head, page_links, page_tables

SUFFIXES = (".html", ".htm")
CHARSET_WITHIN = 4096
LINKED_SHARE = 0.6  # of the main text
SHORTEST_TEXT = 20  # characters; a page of scripts leaves less

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it cannot read is refused here, in our words

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]+)|encoding=[\"']([\w-]+)", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z][^>]*>")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NEVER_TEXT = ("script", "style", "noscript", "template", "svg", "iframe", "select", "button")
# What pages set around their text: printing, sharing, type size, neighbours in the list, who runs the site.
_FURNITURE = re.compile(
    r"[\[【（(]?(?:打印|关闭|收藏|分享到?|字[号体]|扫一扫|返回顶部|上一篇|下一篇|当前位置|您(?:现在)?的?位置|我要纠错|责任编辑).{0,60}"
    r"|.{0,150}(?:ICP备|公网安备|网站标识码|版权所有).{0,150}|(?:主办|承办)(?:单位)?[：:].{0,150}"
)


@of_kind(Kind.HTML, Kind.TEXT)
def read(path: Path, name: str) -> list[RawDocument]:
    """The document of a page.

    Raises:
        InvalidDocument: not a page, or one without text.
        OSError: the file cannot be read.
    """
    data = path.read_bytes()
    charset = _CHARSET.search(data[:CHARSET_WITHIN])
    source = decode(data, (charset[1] or charset[2]).decode() if charset else None)
    if not _TAG.search(source):
        raise InvalidDocument("not an HTML page")
    tree = _parse(source)
    url = page_head.url_of(tree, source)
    placed, head_rows = page_tables.take_out(tree)
    title = page_head.title_of(tree, head_rows)
    lines = page_head.lines_of(tree)
    page_links.drop_menus(tree)
    blocks = [block for block in _main_blocks(tree) if not _FURNITURE.fullmatch(block)]
    if page_links.linked_share(tree, blocks) > LINKED_SHARE:
        raise InvalidDocument("the page is a list of links: import the pages that it leads to")
    blocks = page_tables.put_back(blocks, placed)
    facts = page_head.facts(tree, head_rows, lines, blocks)
    blocks = page_head.without_facts(blocks, facts, title)
    if sum(map(len, blocks)) < SHORTEST_TEXT:
        raise InvalidDocument("the page has no text of its own: perhaps a program in it fetches the text")
    head = [f"# {title}"] if title else []
    if facts:
        head.append(tables.markdown([tables.KEY_VALUE_HEAD, *facts.items()]))
    return [RawDocument(name, prose.document([*head, *headings.mark(blocks)]), title=title, url=url)]


def _parse(source: str) -> Any:
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True)
    try:
        tree: Any = lxml.html.document_fromstring(_DECLARATION.sub("", source), parser=parser)
    except (etree.ParserError, ValueError):
        raise InvalidDocument("the page has no text") from None
    etree.strip_elements(tree, *_NEVER_TEXT, with_tail=False)
    # A body that is hidden is shown by a program once the page is complete.
    for element in tree.xpath("//body//*[contains(translate(@style, ' ', ''), 'display:none')]"):
        element.drop_tree()
    for element in tree.iter():  # lxml reads these, and fails when a text with one of them is written back
        element.text, element.tail = (_NOT_XML.sub("", text) if text else text for text in (element.text, element.tail))
    return tree


def _main_blocks(tree: Any) -> list[str]:
    """Paragraphs, headings and lists of the page's main text."""
    found = trafilatura.bare_extraction(tree, include_comments=False, include_formatting=True, favor_recall=True)
    return [] if found is None or isinstance(found, dict) else list(_blocks(found.body))


def _blocks(parent: Any) -> Iterator[str]:
    """Blocks of trafilatura's own tree: head, p, list and item, quote, table, row and cell, lb."""
    for element in parent:
        text = prose.paragraphs(_text(element))
        if element.tag == "head":
            level = (element.get("rend") or "h2")[-1]
            yield from [f"{'#' * int(level if level.isdigit() else 2)} {''.join(text)}"] if text else []
        elif element.tag == "list":
            items = [prose.one_line(_text(item)) for item in element.iter("item")]
            yield from ["\n".join(f"- {item}" for item in items if item)] if any(items) else []
        elif element.tag in {"table", "row", "div"}:
            yield from _blocks(element)
        else:
            yield from text


def _text(element: Any) -> str:
    """Words of an element, with its line breaks and none of its emphasis."""
    parts = [element.text or ""]
    for child in element:
        parts.append("\n" if child.tag in {"lb", "p", "item", "head"} else "")
        parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
