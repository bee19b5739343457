"""Questions that come with the program for well-known laws."""

from pathlib import Path

import pytest

from knowledge.ingest.usual_questions import FOLDER, usual_questions

FILES = sorted(FOLDER.glob("*.txt"))
MOST = 50  # as many as a front matter may bring


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_law_has_its_questions(path: Path) -> None:
    title, *lines = path.read_text("utf-8").strip().split("\n")
    assert title.endswith(path.stem)
    assert usual_questions(title) == lines == [line.strip() for line in lines]
    assert len(set(lines)) == len(lines) <= MOST
    assert all(4 <= len(line) <= 40 for line in lines)


def test_a_law_is_known_however_its_title_is_written() -> None:
    known = usual_questions("中华人民共和国公司法")
    assert known
    assert usual_questions("《中华人民共和国公司法》（2023年修订）") in (known, [])
    assert usual_questions("关于举办活动的通知") == []
