"""Front matter: what is right comes through unchanged, what is wrong is refused in one line, whatever the file holds."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalogue import SEED
from knowledge.ingest import readers
from knowledge.ingest.document import (
    Document,
    FrontMatter,
    InvalidDocument,
    RawDocument,
    first_day,
    last_day,
    make_document,
)
from knowledge.ingest.readers import markdown

WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40)
DAY = st.one_of(
    st.none(),
    st.dates(date(1950, 1, 1), date(2100, 12, 31)).flatmap(
        lambda day: st.sampled_from([day.isoformat(), f"{day:%Y-%m}", str(day.year)])
    ),
)
FRONT = st.fixed_dictionaries(
    {
        "id": st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
        "title": WORDS,
        "status": st.sampled_from(["现行", "已失效", "不确定"]),
        "category": WORDS,
    },
    optional={
        "tags": st.lists(WORDS),
        "effective": DAY,
        "expires": DAY,
        "confidence": st.sampled_from(["high", "low"]),
    },
)


def sheet(front: object, body: str = "正文。") -> str:
    return f"---\n{yaml.safe_dump(front, allow_unicode=True)}---\n{body}"


def parse(text: str) -> Document:
    """A sheet's text as it is stored."""
    raw = markdown.parse(text, "sheet.md")
    return make_document(raw.front, raw.text)


@given(FRONT, WORDS)
def test_valid_front_matter_comes_through(front: dict[str, object], body: str) -> None:
    document = parse(sheet(front, body))
    kept = document.front.model_dump(mode="json")
    assert {key: kept[key] for key in front} == front
    assert document.body == body + "\n"


@given(st.text())
def test_any_text_is_a_document_or_refused_in_one_line(text: str) -> None:
    for candidate in (text, f"---\n{text}\n---\n正文"):
        complaint = ""
        try:
            assert isinstance(parse(candidate), Document)
        except InvalidDocument as error:
            complaint = str(error)
        assert len(complaint.splitlines()) <= 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"status": "有效"}, "status"),
        ({"expires": "2026-13"}, "expires"),
        ({"effective": "明年"}, "effective"),
        ({"expire": "2026-01-01"}, "expire"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"id": "../x"}, "id"),
        ({"title": ""}, "title"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], complaint: str) -> None:
    front = {"id": "a", "title": "标题", "status": "现行", "category": "综合"} | change
    with pytest.raises(InvalidDocument, match=f"^{complaint}: "):
        parse(sheet(front))


@pytest.mark.parametrize("text", ["---\nid: a\n正文", "---\n- a\n---\n正文", "---\n{\n---\n正文", "---\nid: a\n---\n"])
def test_broken_front_matter_is_refused(text: str) -> None:
    with pytest.raises(InvalidDocument):
        parse(text)


def test_a_file_without_front_matter_is_a_document_to_be_described() -> None:
    raw = markdown.parse("# 关于贴息的通知\n\n正文。", "notice.md")
    assert (raw.front, raw.name) == (None, "notice.md")
    assert "正文。" in raw.text


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_partial_days_span_the_whole_month_or_year(day: date) -> None:
    for written in (day.isoformat(), f"{day:%Y-%m}", str(day.year)):
        assert first_day(written) <= day <= last_day(written)


@pytest.mark.parametrize("path", sorted(SEED.rglob("*.md")), ids=lambda path: path.stem)
def test_the_shipped_sheets_are_valid(path: Path) -> None:
    (raw,) = readers.by_suffix()[".md"].read(path, path.name)
    assert isinstance(raw, RawDocument)
    assert isinstance(make_document(raw.front, raw.text).front, FrontMatter)


@pytest.mark.parametrize("suffix", sorted(readers.by_suffix()))
def test_every_reader_refuses_garbage_and_missing_files_clearly(suffix: str, tmp_path: Path) -> None:
    reader = readers.by_suffix()[suffix]
    garbage = tmp_path / f"garbage{suffix}"
    for content in (b"", b"\x00\xff\xfe" * 100):
        garbage.write_bytes(content)
        with pytest.raises(InvalidDocument):
            list(reader.read(garbage, garbage.name))
    with pytest.raises(OSError, match="absent"):
        list(reader.read(tmp_path / f"absent{suffix}", "absent"))
