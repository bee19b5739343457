"""Tables as text: separated by commas, tabs or semicolons, in the encodings that offices use."""

from pathlib import Path

import pytest

from knowledge.ingest.document import InvalidDocument
from knowledge.ingest.readers import csv
from tests.documents import complaint, read_bytes

ROWS = "企业类型,贴息比例,上限\n小微企业,50%,30万元\n个体工商户,60%,10万元\n"
TABLE = "| 企业类型 | 贴息比例 | 上限 |\n|---|---|---|\n| 小微企业 | 50% | 30万元 |\n| 个体工商户 | 60% | 10万元 |\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_and_encodings(encoding: str, delimiter: str, tmp_path: Path) -> None:
    content = ROWS.replace(",", delimiter).encode(encoding)
    assert read_bytes(content, "table.csv", tmp_path).text == TABLE


def test_cells_may_hold_commas_breaks_and_bars_and_rows_may_be_short(tmp_path: Path) -> None:
    content = '条件,上限\n"注册满一年,\n正常经营","1,000|2,000"\n其他\n'.encode()
    assert read_bytes(content, "table.csv", tmp_path).text == (
        "| 条件 | 上限 |\n|---|---|\n| 注册满一年,正常经营 | 1,000｜2,000 |\n| 其他 |  |\n"
    )


def test_a_table_without_a_head_gets_one(tmp_path: Path) -> None:
    assert read_bytes(b"1,2,3\n4,5,6\n", "table.csv", tmp_path).text.startswith("| 列1 | 列2 | 列3 |\n")


def test_rows_beyond_the_limit_are_counted_for_staff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "MAX_ROWS", 2)
    document = read_bytes(ROWS.encode(), "table.csv", tmp_path)
    assert document.notes == ("1 rows after the first 2 were left out",)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    for content, reason in ((b"\n , ,\n", "there is no row in it"), (b"a," + b"x" * 200_000, "not a table in CSV")):
        with pytest.raises(InvalidDocument, match=reason):
            read_bytes(content, "table.csv", tmp_path)


def test_a_quote_that_is_never_closed_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text('条件,上限\n"企业,30\n' + "个人,20\n" * 100)
    assert complaint(tmp_path / "table.csv") == ""
