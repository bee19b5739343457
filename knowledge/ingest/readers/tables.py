"""Tables of every format as Markdown: merged cells filled, a head of two rows joined, titles set above."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from knowledge.ingest.readers.prose import one_line

MAX_FILLED_CELLS = 2_000_000  # merged ranges that overlap could name far more than the sheet has

# Names in the head of a published document: national catalogue of open government information and Beijing's pages.
_LABEL_NAMES = (
    "索引号 主题分类 主题词 发文机关 发文机构 发文单位 发布机构 发布单位 制定机关 联合发文单位 信息来源 文章来源 来源 发文字号 发文编号 文号 "
    "成文日期 成文时间 生成日期 发文日期 发布日期 发布时间 公开日期 印发日期 实施日期 施行日期 生效日期 失效日期 废止日期 "
    "有效性 有效期 时效性 是否有效 效力状态 效力级别 公文种类 文种 体裁分类 组配分类 信息类别 公开方式 公开主体 公开类别 标题 名称 "
    "关键词 内容概述 适用范围 日期"
)
LABELS = tuple(_LABEL_NAMES.split())
_LABEL = re.compile(rf"(?:{'|'.join(sorted(LABELS, key=len, reverse=True))})")
KEY_VALUE_HEAD = ("项目", "内容")

_RULE = re.compile(r"[|-]+")  # below a table's head
_FIGURE = re.compile(r"[\d,.%\-—]+")


@dataclass
class Table:
    """Cells as text, row by row, with the ranges that are merged.

    Attributes:
        rows: as many cells in each; what a merged range covers is empty besides its first cell.
        merges: (top, left, bottom, right), from 0, each inclusive.
    """

    rows: list[list[str]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """A cell as HTML and Word give it: its text, and how many columns and rows it covers."""

    text: str
    columns: int = 1
    rows: int = 1


def arrange(source: Iterable[Iterable[Cell]], max_columns: int) -> Table:
    """A table from cells that push each other aside, as the HTML standard lays them out."""
    rows: list[list[str]] = []
    merges: list[tuple[int, int, int, int]] = []
    taken: dict[int, int] = {}  # column: first row in which it is free again
    for top, cells in enumerate(source):
        row: dict[int, str] = {}
        left = 0
        for cell in cells:
            while taken.get(left, 0) > top:
                left += 1
            right = min(left + max(cell.columns, 1), max_columns) - 1
            if right < left:
                break
            row[left] = cell.text
            bottom = top + max(cell.rows, 1) - 1
            for column in range(left, right + 1):
                taken[column] = bottom + 1
            if bottom > top or right > left:
                merges.append((top, left, bottom, right))
            left = right + 1
        rows.append([row.get(column, "") for column in range(max(row, default=-1) + 1)])
    width = max((merge[3] + 1 for merge in merges), default=0)
    width = max([width, *map(len, rows)])
    return Table([row + [""] * (width - len(row)) for row in rows], merges)


def fill(table: Table) -> Table:
    """The table with tidy cells, what a merged range says in each of its cells; merges beyond the table are cut."""
    rows = [[one_line(cell) for cell in row] for row in table.rows]
    height, width, budget = len(rows), len(rows[0]) if rows else 0, MAX_FILLED_CELLS
    merges = []
    for top, left, wanted_bottom, wanted_right in table.merges:
        bottom, right = min(wanted_bottom, height - 1), min(wanted_right, width - 1)
        budget -= max(0, bottom - top + 1) * max(0, right - left + 1)
        if budget < 0 or bottom < top or right < left:
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [cell or rows[top][left] for cell in row[left : right + 1]]
        merges.append((top, left, bottom, right))
    return Table(rows, merges)


def to_blocks(table: Table) -> list[str]:
    """Blocks of Markdown: what stands above the head or across all columns as paragraphs, the rest as tables."""
    filled = fill(table)
    rows, merges = _without_empty(filled.rows, filled.merges)
    if not rows:
        return []
    width = len(rows[0])
    if width == 1:
        return [row[0] for row in rows]
    if pairs := key_values(rows):
        return [markdown([KEY_VALUE_HEAD, *pairs])]
    across = _rows_across(merges, width)
    first = next((at for at, row in enumerate(rows) if at not in across and _is_head(row, width)), 0)
    blocks = [_said(row) for row in rows[:first]]
    head, body_at = _head(rows, merges, first)
    section: list[list[str]] = []
    for at in range(body_at, len(rows)):
        if at in across:
            blocks += [markdown([head, *section])] if section else []
            blocks.append(_said(rows[at]))
            section = []
        else:
            section.append(rows[at])
    if section or body_at == len(rows):
        blocks.append(markdown([head, *section]))
    return blocks


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is its head."""
    lines = [f"| {' | '.join(cell.replace('|', '｜') for cell in row)} |" for row in rows]
    lines.insert(1, f"|{'---|' * len(rows[0])}")
    return "\n".join(lines)


def words(blocks: Iterable[str]) -> str:
    """What blocks of Markdown say, for a cell: headings and tables cannot stand in one."""
    lines = [line for block in blocks for line in block.split("\n") if not _RULE.fullmatch(line)]
    return " ".join(
        " ".join(line.strip("|").split("|")) if line.startswith("|") else line.lstrip("# ") for line in lines
    )


def key_values(rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Label and value of the head table of a published document; empty where a table is something else.

    Such tables have a label in every other cell (`发文机关： | 市财政局 | 成文日期： | 2024年1月5日`).
    """
    pairs: list[tuple[str, str]] = []
    for row in rows:
        cells = [cell for at, cell in enumerate(row) if at == 0 or cell != row[at - 1] or not cell]
        if len(cells) % 2:
            return []
        for label, value in zip(cells[::2], cells[1::2], strict=True):
            name = bare_label(label)
            if not name and (label or value):
                return []
            if name and value:
                pairs.append((name, value))
    return pairs


def bare_label(text: str) -> str:
    """The label without blanks, brackets and colon; empty where the text is none that documents have."""
    bare = re.sub(r"[\s：:\[\]【】]", "", text)
    return bare if _LABEL.fullmatch(bare) else ""


def _without_empty(
    rows: list[list[str]], merges: list[tuple[int, int, int, int]]
) -> tuple[list[list[str]], list[tuple[int, int, int, int]]]:
    """Without rows and columns in which nothing stands."""
    kept_rows = [at for at, row in enumerate(rows) if any(row)]
    kept_columns = [at for at in range(len(rows[0]) if rows else 0) if any(row[at] for row in rows)]
    moved = []
    for top, left, bottom, right in merges:
        down = [new for new, old in enumerate(kept_rows) if top <= old <= bottom]
        along = [new for new, old in enumerate(kept_columns) if left <= old <= right]
        if down and along:
            moved.append((down[0], along[0], down[-1], along[-1]))
    return [[rows[at][column] for column in kept_columns] for at in kept_rows], moved


def _rows_across(merges: list[tuple[int, int, int, int]], width: int) -> set[int]:
    """Rows that are one merged cell: a title, or a section's name."""
    return {top for top, left, bottom, right in merges if top == bottom and left == 0 and right == width - 1}


def _is_head(row: list[str], width: int) -> bool:
    """Whether a row can be a head: more than a title or `单位：万元`, which fill one cell of three or more."""
    return width == 2 or len({cell for cell in row if cell}) > 1


def _head(rows: list[list[str]], merges: list[tuple[int, int, int, int]], first: int) -> tuple[list[str], int]:
    """The head's names, and the row at which the body begins."""
    top = rows[first]
    if _FIGURE.fullmatch(top[0]) or sum(bool(_FIGURE.fullmatch(cell)) for cell in top) * 2 > len(top):
        return [f"列{at}" for at in range(1, len(top) + 1)], first  # data at once: there is no head
    wide = any(merge[0] == merge[2] == first and merge[3] > merge[1] for merge in merges)
    if not wide or first + 1 >= len(rows):
        return top, first + 1
    below = rows[first + 1]
    return [a if a == b or not b else f"{a} {b}".strip() for a, b in zip(top, below, strict=True)], first + 2


def _said(row: list[str]) -> str:
    """A row that is no row of a table, as a paragraph: its cells once each."""
    return " ".join(dict.fromkeys(cell for cell in row if cell))
