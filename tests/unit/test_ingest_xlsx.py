"""Excel workbooks: each visible sheet as a table whose cells say what Excel shows."""

from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.chart import BarChart

from knowledge.ingest.document import InvalidDocument
from knowledge.ingest.readers.excel import reader
from knowledge.ingest.readers.excel.number_format import shown
from tests import documents
from tests.documents import read

PRODUCTS = """## 产品清单

金融产品清单

| 银行 | 产品 | 条件 利率 | 条件 额度（万元） | 上线日期 |
|---|---|---|---|---|
| 北京银行 | 产品1 | 3.65% | 1,000 | 2025年3月1日 |
| 北京银行 | 产品2 | 3.65% | 1,001 | 2025年3月2日 |
| 其他银行 | 产品3 | 3.65% | 1,002 | 2025年3月3日 |
"""


def saved(folder: Path, *rows: list[object]) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(folder / "made.xlsx")
    return folder / "made.xlsx"


def test_merged_cells_days_and_per_cents_are_read_as_shown_and_hidden_sheets_are_listed(tmp_path: Path) -> None:
    documents.products_xlsx(tmp_path / "products.xlsx")
    document = read(tmp_path / "products.xlsx")
    assert document.text == PRODUCTS
    assert document.notes == ("sheet 内部 is hidden: left out",)


def test_each_sheet_is_a_section(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for name in ("贷款", "担保"):
        sheet = workbook.create_sheet(name)
        sheet.append(["项目", "上限"])
        sheet.append([name, 30])
    workbook.create_chartsheet("图").add_chart(BarChart())
    workbook.save(tmp_path / "made.xlsx")
    text = read(tmp_path / "made.xlsx").text
    assert (
        text
        == "## 贷款\n\n| 项目 | 上限 |\n|---|---|\n| 贷款 | 30 |\n\n## 担保\n\n| 项目 | 上限 |\n|---|---|\n| 担保 | 30 |\n"
    )


def test_rows_beyond_the_limit_are_counted_for_staff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ROWS", 3)
    document = read(saved(tmp_path, ["银行", "上限"], *[[f"银行{at}", at] for at in range(5)]))
    assert document.notes == ("sheet Sheet: 3 rows left out, at most 3 of a workbook are read",)
    assert "银行1" in document.text
    assert "银行2" not in document.text


def test_empty_rows_and_columns_go(tmp_path: Path) -> None:
    path = saved(tmp_path, [], [None, "类型", None, "上限"], [], [None, "个人", None, 30])
    assert read(path).text == "## Sheet\n\n| 类型 | 上限 |\n|---|---|\n| 个人 | 30 |\n"


def test_a_cell_far_out_makes_no_table_of_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ROWS_LOOKED_AT", 1_000)
    workbook = openpyxl.Workbook()
    workbook.active.append(["类型", "上限"])
    workbook.active["XFD1048576"] = "远"
    workbook.create_sheet("后面").append(["银行"])
    workbook.save(tmp_path / "far.xlsx")
    document = read(tmp_path / "far.xlsx")
    assert len(document.text) < 1_000
    assert document.notes == (
        "sheet Sheet: what may stand below row 1,000 was not looked at",
        "sheet 后面 is left out: those before it have too many rows",
    )


@pytest.mark.parametrize("rows", [[], [["#REF!", "#N/A"]]], ids=["empty", "failed formulas"])
def test_a_workbook_without_anything_in_it_is_refused(rows: list[list[object]], tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match="there is nothing in its sheets"):
        read(saved(tmp_path, *rows))


def test_a_workbook_of_hidden_sheets_is_refused_and_says_why(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("内部").append(["不公开"])
    workbook["内部"].sheet_state = "veryHidden"
    workbook.save(tmp_path / "made.xlsx")
    with pytest.raises(InvalidDocument, match="sheet 内部 is hidden: left out"):
        read(tmp_path / "made.xlsx")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.05, "0%", "5%"),
        (0.0365, "0.00%", "3.65%"),
        (0.5, "0.##%", "50%"),
        (1234567.5, "#,##0.00", "1,234,567.50"),
        (30, '0"万元"', "30万元"),
        (12, '"第"0"名"', "第12名"),
        (-5, "#,##0_);[Red](#,##0)", "-5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
        (3.0, "General", "3"),
        (45.5, "@", "45.5"),
        (date(2025, 3, 1), "yyyy-mm-dd", "2025-03-01"),
        (datetime(2025, 3, 1), "m/d/yy h:mm", "2025-03-01"),
        (datetime(2025, 3, 1, 9, 30), "m/d/yy h:mm", "2025-03-01 09:30"),
        (date(2025, 3, 1), 'yyyy"年"m"月"', "2025年3月"),
        (date(2025, 3, 1), "[$-804]yyyy-mm", "2025-03"),
        (time(9, 0), "h:mm", "09:00"),
        (True, "General", "TRUE"),
        ("#DIV/0!", "General", ""),
        ("#1楼", "General", "#1楼"),
        (None, None, ""),
    ],
)
def test_values_are_shown_as_excel_shows_them(value: object, form: str | None, text: str) -> None:
    assert shown(value, form) == text


@given(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.dates(),
        st.datetimes(),
        st.times(),
        st.timedeltas(),
    ),
    st.one_of(st.none(), st.text(alphabet='0#?,.%"\\_*[];@年月日ymdhsE/元-', max_size=20), st.text(max_size=20)),
)
def test_any_value_in_any_format_is_text(value: object, form: str | None) -> None:
    assert isinstance(shown(value, form), str)
