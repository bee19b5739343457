"""Which lines of a Chinese official document are headings: 第一章, 一、, （一）, 附件1 (GB/T 9704-2012, 7.3.3)."""

import re
from collections.abc import Sequence

HEADING_CHARACTERS = 40
CHAPTER, SECTION = 2, 3  # the document's own title is level 1

_NUMBER = r"(?:[一二三四五六七八九十百千零〇]{1,7}|\d{1,4})"  # 第一千二百三十四条 is the longest
_LEVELS = (
    (re.compile(rf"第 ?{_NUMBER} ?(?:编|部分|章)"), CHAPTER),
    (re.compile(rf"第 ?{_NUMBER} ?节"), SECTION),
    (re.compile(r"[一二三四五六七八九十百]{1,4}、"), CHAPTER),
    (re.compile(r"[（(][一二三四五六七八九十百]{1,4}[）)]"), SECTION),
    (re.compile(rf"附[件表录] ?(?:{_NUMBER})?[：:]?$"), CHAPTER),
)
_ITEM = re.compile(
    rf"第 ?{_NUMBER} ?条|\d{{1,2}}(?:[.．](?!\d)|、)|[（(]\d{{1,2}}[）)]|[①-⑳]|[-*•●■◆] ?|附[件表] ?\d*[：:]"
)
_SENTENCE = re.compile(r"[。；;，,？?！!、]$|[。；;]")
_CONTENTS_LINE = re.compile(r".{2,60}?(?:\.{4,}|…{2,}|·{4,}|_{4,}) ?\d{1,4}")


def begins_item(line: str) -> bool:
    """True where a line begins with a number or mark of its own: a heading's, an article's, a list's."""
    return bool(_ITEM.match(line)) or any(pattern.match(line) for pattern, _ in _LEVELS)


def level(line: str) -> int | None:
    """Level of the heading that a line can be by its number; None where it is text."""
    if len(line) > HEADING_CHARACTERS or _SENTENCE.search(line):
        return None
    return next((level for pattern, level in _LEVELS if pattern.match(line)), None)


def mark(blocks: Sequence[str]) -> list[str]:
    """Blocks of a document with `#` before those that are headings by their number.

    What can be a heading but stands beside another of its level is a list's item (`一、营业执照` above `二、身份证`):
    a heading has text below it. Lines of a table of contents go.

    Args:
        blocks: paragraphs, Markdown tables, and headings that a reader knew by other signs, which stay.
    """
    kept = [block for block in blocks if not _CONTENTS_LINE.fullmatch(block)]
    levels = [level(block) for block in kept]
    marked = []
    for at, block in enumerate(kept):
        own = levels[at]
        if own is None or _in_list(levels, at):
            marked.append(block)
        else:
            marked.append(f"{'#' * own} {block.rstrip('：:')}")
    return marked


def _in_list(levels: list[int | None], at: int) -> bool:
    """A candidate that ends the document, or has its like directly before or after it."""
    own = levels[at]
    if at + 1 == len(levels) or levels[at + 1] == own:
        return True
    return at > 0 and levels[at - 1] == own
