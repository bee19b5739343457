"""What is proposed from a document's own words: real forms of notices, the sheets as notices, and any text at all."""

import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.ingest.document import FrontMatter, RawDocument, first_day, last_day
from knowledge.ingest.metadata import Extracted, extract
from knowledge.ingest.metadata.days import days_after, find_days, last_of_term
from knowledge.ingest.metadata.issuer import level_of
from knowledge.ingest.metadata.names import split_names

TODAY = date(2026, 11, 25)
NOTICES = yaml.safe_load(Path(__file__).with_name("ingest_notices.yml").read_text("utf-8"))
POLICIES = Path(__file__).parents[2] / "knowledge" / "seed" / "policies"
FIELDS = ("title", "doc_no", "issuer", "level", "issued", "effective", "expires", "status", "audience")


def read(text: str, name: str = "1.docx", title: str = "") -> Extracted:
    return extract(RawDocument(name=name, text=text, title=title), TODAY)


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice["id"])
def test_a_notice_says_what_it_is(notice: dict[str, object]) -> None:
    found = read(notice["text"], notice["name"], notice.get("title", ""))
    assert {field: getattr(found, field).value for field in notice["is"]} == notice["is"]
    given_text = "\n".join((notice["text"], notice["name"], notice.get("title", "")))
    for field in FIELDS:
        proposal = getattr(found, field)
        assert proposal.evidence in given_text
        assert 0 <= proposal.confidence < 1
        assert proposal.confidence > 0 or not proposal.value


def table_above(front: FrontMatter) -> str:
    rows = {
        "发文机关": "、".join(front.issuer),
        "发文字号": front.doc_no or "",
        "成文日期": front.issued or "",
        "实施日期": front.effective or "",
        "失效日期": front.expires or "----",
    }
    lines = [f"| {key} | {value} |" for key, value in rows.items()]
    return "\n".join(["| 项目 | 内容 |", "| --- | --- |", *lines, "", f"# {front.title}"])


def lines_above(front: FrontMatter) -> str:
    number = f"发文字号：{front.doc_no}　" if front.doc_no else ""
    days = f"成文日期：{front.issued or ''}　实施日期：{front.effective or ''}　失效日期：{front.expires or ''}"
    return f"发文机构：{' '.join(front.issuer)}\n{number}{days}\n\n{front.title}"


def printed(front: FrontMatter) -> str:
    title = front.title if front.title.startswith("关于") else f"关于印发《{front.title}》的通知"
    return f"{' '.join(front.issuer)}\n{title}\n{(front.doc_no or '').replace('〔', '[').replace('〕', ']')}\n\n各有关单位："


def signed(front: FrontMatter) -> str:
    def chinese(day: str) -> str:
        return "{}年{:d}月{:d}日".format(day[:4], *(int(part) for part in day[5:].split("-")))

    effective, expires = (day if day and len(day) == 10 else None for day in (front.effective, front.expires))
    term = f"本通知自{chinese(effective)}起施行" if effective else ""
    term += ("，" if term else "本通知") + f"有效期至{chinese(expires)}" if expires else ""
    day = chinese(front.issued) if front.issued and len(front.issued) == 10 else ""
    return f"{term}。\n\n" + "\n".join(front.issuer) + f"\n{day}"


def as_notice(front: FrontMatter, body: str, style: int) -> tuple[str, set[str]]:
    """The sheet as a notice, and the fields that the notice states."""
    known = {"title"} | {field for field in ("issuer", "doc_no") if getattr(front, field)}
    days = {field for field in ("issued", "effective", "expires") if getattr(front, field)}
    if style < 2:
        return f"{(table_above, lines_above)[style](front)}\n\n{body}", known | days
    whole = {field for field in days if len(getattr(front, field)) == 10}
    return f"{printed(front)}\n\n{body}\n\n{signed(front)}", known | whole


def real_authorities(front: FrontMatter) -> bool:
    """Whether the sheet's issuers are names of authorities, its number is one number, and its title holds none."""
    names = all(split_names(name) == [name] for name in front.issuer)
    return names and not re.search("[;(]", front.doc_no or "") and "〔" not in front.title


def sheets() -> list[tuple[FrontMatter, str]]:
    found = []
    for path in sorted(POLICIES.glob("*.md")):
        _, front, body = path.read_text("utf-8").split("---\n", 2)
        found.append((FrontMatter.model_validate(yaml.safe_load(front)), body))
    return found


def test_the_sheets_as_notices_are_read() -> None:
    """Fields stated by table, lines and signature; effective and expires often stand in a sheet's text otherwise."""
    right, all_of = Counter[str](), Counter[str]()
    for front, body in sheets():
        if not real_authorities(front):
            continue
        for style in range(3):
            text, stated = as_notice(front, body, style)
            found = read(text)
            for field in stated:
                all_of[field] += 1
                right[field] += getattr(found, field).value == getattr(front, field)
    assert {field: right[field] / all_of[field] >= 0.97 for field in all_of} == dict.fromkeys(all_of, True), right


def bare(text: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text))


PIECES = st.sampled_from(
    re.split(
        "/",
        "财金/〔2026〕5号/[2026]/（2026）/【2026】/第12号/国务院令/主席令/公告/财政部/税务总局/北京市财政局/通州区人民政府/关于/印发/《管理办法》/的通知"
        "/条例/2026年2月30日/2026年3月1日/二〇二六年三月一日/二○一一年十三月一日/0000-00-00/9999年99月99日/自/起施行/自发布之日起/30日后/至/有效期"
        "/5年/九十九年/有效期至/废止/发文字号：/成文日期：/有效性：/失效/各有关单位：/本办法/第一条/适用对象/：/。/，/#/|/--/\n/\n\n/ /　/＊/１２/﹝/○/²",
    )
)
TEXT = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))


@given(TEXT, st.text(max_size=30), TEXT)
@example("中华人民共和国国务院令\n\n第802号\n", "", "")
@example("财金﹝２０２６﹞５号\n", "a.pdf", "")
@example("本办法自2024年2月29日起施行，有效期1年。", "", "")
def test_any_text_is_read_without_failing(text: str, name: str, title: str) -> None:
    found = read(text, name, title)
    for day in (found.issued.value, found.effective.value, found.expires.value):
        assert day is None or first_day(day) <= last_day(day)
    for number in (found.doc_no.value or "").split(";"):
        assert bare(number) in bare(f"{text}\n{name}\n{title}")
    FrontMatter(
        id="a",
        title=found.title.value or "标题",
        doc_no=found.doc_no.value,
        issuer=found.issuer.value,
        level=found.level.value,
        issued=found.issued.value,
        effective=found.effective.value,
        expires=found.expires.value,
        status=found.status.value,
        category="综合",
        audience=found.audience.value,
    )
    for field in FIELDS:
        assert 0 <= getattr(found, field).confidence < 1


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.integers(0, 9))
def test_a_day_is_read_however_it_is_written(day: date, gap: int) -> None:
    digits = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))

    def numeral(value: int) -> str:
        tens, ones = divmod(value, 10)
        return ("" if tens == 0 else "十" if tens == 1 else "二三"[tens - 2] + "十") + "〇一二三四五六七八九"[
            ones
        ].strip("〇")

    blank = " " * (gap % 3)
    for written in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}{blank}年{blank}{day.month}{blank}月{blank}{day.day}{blank}日",
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{digits}年{numeral(day.month)}月{numeral(day.day)}日",
    ):
        assert [found.iso for found in find_days(f"于{written}印发")] == [day.isoformat()], written


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [("2023-10-01", 5, "2028-09-30"), ("2024-02-29", 1, "2025-02-28"), ("2024-06", 2, "2026-06"), ("2024", 3, "2027")],
)
def test_a_term_of_years_ends_the_day_before(first: str, years: int, last: str) -> None:
    assert last_of_term(first, years) == last


def test_thirty_days_are_counted_without_the_first() -> None:
    assert days_after("2024-10-01", 30) == "2024-11-01"
    assert days_after("2024-10", 30) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("财政部商务部中国人民银行", ["财政部", "商务部", "中国人民银行"]),
        ("财 政 部", ["财政部"]),
        ("北京市财政局北京市人力资源和社会保障局", ["北京市财政局", "北京市人力资源和社会保障局"]),
        ("国家税务总局北京市税务局", ["国家税务总局北京市税务局"]),
        ("各区财政局", []),
        ("关于支持小微企业的部", []),
    ],
)
def test_authorities_are_told_apart(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("国务院", "国家"),
        ("国家市场监督管理总局", "国家"),
        ("北京市经济和信息化局", "北京市"),
        ("国家税务总局北京市税务局", "北京市"),
        ("中国人民银行营业管理部", "北京市"),
        ("北京市通州区人民政府", "通州区"),
        ("北京市海淀区人民政府", "其他"),
        ("北京经济技术开发区管理委员会", "其他"),
        ("国家税务总局山东省税务局", "其他"),
        ("浙江省人民政府办公厅", "其他"),
    ],
)
def test_an_authority_has_the_level_of_its_place(name: str, level: str) -> None:
    assert level_of(name) == level


def test_sources_that_contradict_each_other_are_trusted_less() -> None:
    signed_by = "{}\n\n# 关于支持小微企业的通知\n\n各有关单位：\n\n正文。\n\n北京市财政局\n2024年5月6日"
    agree = read(signed_by.format("成文日期：2024-05-06")).issued
    contradict = read(signed_by.format("成文日期：2024-05-09")).issued
    assert agree.value == "2024-05-06" and contradict.value == "2024-05-09"
    assert contradict.confidence < 0.8 < agree.confidence
