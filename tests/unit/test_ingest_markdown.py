"""Markdown and plain text: what is written comes through, in whatever encoding, and broken front matter is named.

The rules of front matter itself: test_knowledge_front_matter.
"""

from pathlib import Path

import pytest

from knowledge.ingest.document import InvalidDocument
from knowledge.ingest.readers import markdown
from tests.documents import read_bytes

SHEET = "---\nid: a\ntitle: 服务券\n---\n## 支持内容\n\n补贴30%。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_sheet_in_any_encoding(encoding: str, line_end: str, tmp_path: Path) -> None:
    document = read_bytes(SHEET.replace("\n", line_end).encode(encoding), "sheet.md", tmp_path)
    assert document.front == {"id": "a", "title": "服务券"}
    assert "## 支持内容\n" in document.text
    assert "补贴30%。" in document.text


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("id: a\n正文", "the front matter is not closed by ---"),
        ("id: [a\n---\n正文", "the front matter is not YAML: "),
        ("id: a\nid: : b\n---\n正文", "the front matter is not YAML: "),
        ("issued: 2024-13-40\n---\n正文", "the front matter is not YAML: "),
        ("[" * 5_000 + "\n---\n正文", "the front matter is not YAML: "),
        ("!!python/object/apply:os.system [ls]\n---\n正文", "the front matter is not YAML: "),
        ("- a\n---\n正文", "not a list of `key: value`"),
        ("a: " + "x" * 100_001 + "\n---\n正文", "longer than 100,000 characters"),
    ],
    ids=["open", "bracket", "colons", "day", "deep", "code", "list", "long"],
)
def test_front_matter_that_does_not_parse_is_refused_in_one_line(front: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match=reason) as refusal:
        read_bytes(f"---\n{front}".encode(), "sheet.md", tmp_path)
    assert len(str(refusal.value).splitlines()) == 1


def test_comments_are_for_authors(tmp_path: Path) -> None:
    document = read_bytes("# 贴息办法\n\n<!-- 待核\n实 -->\n\n正文。\n".encode(), "text.md", tmp_path)
    assert "待核" not in document.text
    assert (document.title, document.front) == ("贴息办法", None)
    with pytest.raises(InvalidDocument, match="there is no text in it"):
        markdown.parse("<!-- 待核实 -->", "text.md")


def test_invisible_characters_and_spaced_out_headings_are_mended(tmp_path: Path) -> None:
    document = read_bytes("# 公司法\n\n\u200b\n\n## 第一章 总　则\n\n第一条 正文。\n".encode(), "law.md", tmp_path)
    assert "\u200b" not in document.text
    assert "## 第一章 总则\n" in document.text


def test_plain_text_gets_its_headings_and_its_paragraphs(tmp_path: Path) -> None:
    lines = (
        "贷款贴息办法",
        "一、支持对象",
        "　　在本区登记注册的中小企业，上年度营业收入不超过两",
        "亿元。",
        "二、上限",
        "　　三十万元。",
    )
    document = read_bytes("\r\n".join(lines).encode("gb18030"), "text.txt", tmp_path)
    assert document.text.split("\n\n") == [
        "贷款贴息办法",
        "## 一、支持对象",
        "在本区登记注册的中小企业，上年度营业收入不超过两亿元。",
        "## 二、上限",
        "三十万元。\n",
    ]


@pytest.mark.parametrize("name", ["text.txt", "text.md"])
@pytest.mark.parametrize("content", [b" \n\t\r\n", "\u3000\u3000\n".encode()])
def test_blanks_are_no_text(name: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match="there is no text in it"):
        read_bytes(content, name, tmp_path)
