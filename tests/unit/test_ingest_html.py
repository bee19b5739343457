"""Web pages: the document and its head, none of the site around it, tables as they stand."""

from pathlib import Path

import pytest

from knowledge.ingest.document import InvalidDocument
from tests.documents import complaint, read, read_bytes
from tests.pages import CATALOGUE_PAGE, MINISTRY_PAGE, OLD_PAGE

NAVIGATION = ("首页", "政民互动", "您现在的位置", "【字号", "一图读懂", "专家谈", "政府网站标识码", "公网安备", "主办")
SENTENCE = "符合条件的中小微企业可以按照本通知的要求提出申请，经审核后给予贴息支持。"


def page(body: str, head: str = "") -> bytes:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'.encode()


def test_a_page_is_its_document_without_the_site_around_it(tmp_path: Path) -> None:
    document = read_bytes(MINISTRY_PAGE.encode(), "notice.html", tmp_path)
    assert document.title == "关于印发《中小微企业首次贷款贴息实施细则》的通知"
    assert document.url == "https://www.example.gov.cn/zhengce/t20250221_1.html"
    assert document.text.startswith(f"# {document.title}\n")
    assert [line for line in document.text.splitlines() if line.startswith("## ")] == [
        "## 第一章 总则",
        "## 第二章 支持标准",
    ]
    assert "第三条 本细则自发布之日起施行，有效期一年。" in document.text
    assert [words for words in NAVIGATION if words in document.text] == []


def test_the_head_of_a_page_becomes_one_table_and_stands_nowhere_else(tmp_path: Path) -> None:
    for source, number in ((MINISTRY_PAGE, "京经信发〔2025〕4号"), (CATALOGUE_PAGE, "国办发〔2024〕9号")):
        text = read_bytes(source.encode(), "notice.html", tmp_path).text
        assert f"| 发文字号 | {number} |" in text
        assert text.count(number) == 1
    assert "废止日期" not in text  # a label without a value says nothing


def test_a_table_with_merged_cells_keeps_its_heads_and_rows_together(tmp_path: Path) -> None:
    text = read_bytes(MINISTRY_PAGE.encode(), "notice.html", tmp_path).text
    assert "| 企业类型 | 支持标准 贴息比例 | 支持标准 上限 |\n|---|---|---|\n| 一般企业 | 20% | 实际放款的1% |" in text
    assert text.index("按照下表") < text.index("| 企业类型 |") < text.index("第三条")


def test_an_old_page_in_gbk_that_tables_lay_out(tmp_path: Path) -> None:
    document = read_bytes(OLD_PAGE, "old.htm", tmp_path)
    assert document.title == "关于印发《促进高精尖产业发展实施细则》的通知"
    assert "十个高精尖产业的指导意见" in document.text  # a line that was broken by hand
    assert "朱镕基" in document.text  # GBK under the name of GB 2312
    assert "## 一、支持对象" in document.text
    for words in ("信息公开", "浏览次数", "备案号"):
        assert words not in document.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "no text"),
        (
            '<div id="app"></div><script>render("支持标准：三十万元，最高五十万元，有效期一年。")</script>',
            "no text of its own",
        ),
        ("<img src='scan.jpg'>", "no text"),
        (
            "".join(f"<div><a href=/{at}>关于第{at}批项目申报的通知</a><i>5月{at}日</i></div>" for at in range(30)),
            "list of links",
        ),
    ],
    ids=["empty", "program", "picture", "list of links"],
)
def test_a_page_without_text_of_its_own_is_refused(body: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match=reason):
        read_bytes(page(body), "page.html", tmp_path)


def test_what_a_page_hides_or_runs_is_not_its_text(tmp_path: Path) -> None:
    body = (
        f"<h1>关于贷款贴息的通知</h1><p>{SENTENCE * 3}</p><p style='display: none'>隐藏的旧标准</p>"
        "<script>var 程序 = 1</script><style>.样式{}</style><noscript>请打开脚本</noscript>"
    )
    text = read_bytes(page(body), "page.html", tmp_path).text
    assert SENTENCE in text
    for words in ("隐藏", "程序", "样式", "脚本"):
        assert words not in text


@pytest.mark.parametrize("tag", ["html", "body"])
def test_a_page_that_a_program_shows_when_it_is_complete_is_read(tag: str, tmp_path: Path) -> None:
    content = page(f"<p>{SENTENCE * 3}</p>").replace(f"<{tag}>".encode(), f"<{tag} style='display:none'>".encode())
    assert SENTENCE in read_bytes(content, "page.html", tmp_path).text


def test_links_to_annexes_stay_and_menus_go(tmp_path: Path) -> None:
    menu = "".join(f"<li><a href=/{name}>{name}</a></li>" for name in ("机构职能", "通知公告", "办事指南", "联系我们"))
    annexes = "".join(f"<p><a href='/{at}.docx'>附件{at}：申请表{at}</a></p>" for at in (1, 2, 3))
    text = read_bytes(page(f"<ul>{menu}</ul><p>{SENTENCE * 4}</p>{annexes}"), "page.html", tmp_path).text
    assert "附件2：申请表2" in text
    assert "机构职能" not in text


def test_a_page_called_word_document_is_read_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "notice.doc").write_bytes(MINISTRY_PAGE.encode())
    assert read(tmp_path / "notice.doc").title == "关于印发《中小微企业首次贷款贴息实施细则》的通知"


def test_control_characters_in_a_table_are_no_text(tmp_path: Path) -> None:
    rows = (
        "<tr><td>类\x02型</td><td>上限&#3;</td></tr><tr><td>个人\x0b</td><td>30\ufffe万元</td></tr>" + "<!-- -->" * 200
    )
    text = read_bytes(page(f"<p>$x$&#1;{SENTENCE * 3}</p><table>{rows}</table>"), "page.html", tmp_path).text
    assert "| 类型 | 上限 |\n|---|---|\n| 个人 | 30万元 |" in text


def test_spans_beyond_reason_do_not_take_memory(tmp_path: Path) -> None:
    rows = "<tr><td rowspan=999999999 colspan=999999999>甲</td><td>乙</td></tr><tr><td>丙</td><td>丁</td></tr>"
    text = read_bytes(page(f"<p>{SENTENCE * 3}</p><table>{rows}</table>"), "page.html", tmp_path).text
    assert len(text) < 10_000


def test_deep_nesting_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "deep.html").write_bytes(page("<div>" * 5_000 + SENTENCE + "</div>" * 5_000))
    assert complaint(tmp_path / "deep.html") or SENTENCE in read(tmp_path / "deep.html").text
