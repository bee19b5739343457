"""What WeChat shows well as the text of one message: its size in bytes, no markup, Chinese punctuation."""

import re

LIMIT = 1800  # UTF-8 bytes; 2,048 are documented, failures were reported from 2,047 B and about 628 characters
_ENDS = re.compile(r"(?<=[。!?!?;;\n])")
_MARKDOWN = (
    (re.compile(r"^#{1,6}\s+", re.M), ""),
    (re.compile(r"\*\*(.+?)\*\*"), r"\1"),
    (re.compile(r"^\s*[-*+]\s+", re.M), "· "),
    (re.compile(r"`([^`]*)`"), r"\1"),
    (re.compile(r"!?\[([^\]]+)\]\((\S+?)\)"), r"\1 \2"),
)
_CHINESE = "\u3001-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’"
_HALF_WIDTH = re.compile(f"(?<=[{_CHINESE}])[,:;?!()]+|[,:;?!()]+(?=[{_CHINESE}])")
_FULL_WIDTH = {ord(half): chr(ord(half) + 0xFEE0) for half in ",:;?!()"}


def plain(text: str) -> str:
    """The text without Markdown, which WeChat would show as it is written."""
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(replacement, text)
    return text.strip()


def typeset(text: str) -> str:
    """The text with full-width punctuation beside Chinese characters: many sources have the half-width keys' marks."""
    return _HALF_WIDTH.sub(lambda mark: mark[0].translate(_FULL_WIDTH), text)


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Parts of at most `limit` UTF-8 bytes, cut at ends of sentences where there are any; joined they are the text."""
    parts, part = [], ""
    for sentence in _ENDS.split(text):
        if part and _size(part + sentence) > limit:
            parts.append(part)
            part = ""
        part += sentence
        while _size(part) > limit:
            head = part.encode()[:limit].decode(errors="ignore")
            parts.append(head)
            part = part[len(head) :]
    return [*parts, part] if part else parts


def merge(texts: list[str], limit: int = LIMIT) -> list[str]:
    """The texts in order, neighbours joined by an empty line as long as they fit into one message."""
    merged: list[str] = []
    for text in texts:
        if merged and _size(f"{merged[-1]}\n\n{text}") <= limit:
            merged[-1] += f"\n\n{text}"
        else:
            merged.append(text)
    return merged


def _size(text: str) -> int:
    return len(text.encode())
