"""What a document says it does to others, and when two documents are the same one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.ingest.metadata.relations import Edition, Sameness, plain_title, relations, same_document

REPLACES, AMENDS, IMPLEMENTS = "replaces", "amends", "implements"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "本办法自2023年10月1日起施行。《财政部关于印发〈普惠金融发展专项资金管理办法〉的通知》（财金〔2019〕96号）同时废止。",
            {(REPLACES, "财政部关于印发〈普惠金融发展专项资金管理办法〉的通知", "财金〔2019〕96号")},
        ),
        (
            "本规定自2018年5月1日起施行，原保监会2009年9月25日发布的《保险经纪机构监管规定》（保监会令2009年第6号）、《保险经纪从业人员监管办法》（保监会令2013年第3号）同时废止。",
            {
                (REPLACES, "保险经纪机构监管规定", "保监会令2009年第6号"),
                (REPLACES, "保险经纪从业人员监管办法", "保监会令2013年第3号"),
            },
        ),
        ("原《甲管理办法》，《乙管理办法》同时废止。", {(REPLACES, "甲管理办法", ""), (REPLACES, "乙管理办法", "")}),
        ("《甲管理办法》（京财[2018]9号）自本办法施行之日起废止。", {(REPLACES, "甲管理办法", "京财〔2018〕9号")}),
        ("《甲管理办法》，自本办法施行之日起，停止执行。", {(REPLACES, "甲管理办法", "")}),
        ("京财金融〔2018〕1911号同时废止。", {(REPLACES, "", "京财金融〔2018〕1911号")}),
        ("原文件（京财金融〔2018〕1911号）同时废止。", {(REPLACES, "", "京财金融〔2018〕1911号")}),
        ("根据《丙条例》，《甲管理办法》同时废止。", {(REPLACES, "甲管理办法", "")}),
        (
            "市政府决定废止《甲管理办法》和《乙管理办法》。",
            {(REPLACES, "甲管理办法", ""), (REPLACES, "乙管理办法", "")},
        ),
        ("《甲管理办法》第九条同时废止。", {(AMENDS, "甲管理办法", "")}),
        ("财税字〔1994〕20号相关条款同时废止。", {(AMENDS, "", "财税字〔1994〕20号")}),
        (
            "《甲管理办法》（京财〔2018〕9号）与本通知不一致的，以本通知为准。",
            {(AMENDS, "甲管理办法", "京财〔2018〕9号")},
        ),
        ("决定对《甲管理办法》（京财〔2018〕9号）作如下修改：", {(AMENDS, "甲管理办法", "京财〔2018〕9号")}),
        ("将《甲管理办法》第三条修改为：", {(AMENDS, "甲管理办法", "")}),
        (
            "根据《中华人民共和国中小企业促进法》《优化营商环境条例》等法律法规，结合本市实际，制定本条例。",
            {(IMPLEMENTS, "中华人民共和国中小企业促进法", ""), (IMPLEMENTS, "优化营商环境条例", "")},
        ),
        (
            "为贯彻落实《甲方案》（国发〔2015〕23号）精神，现就有关事项通知如下：",
            {(IMPLEMENTS, "甲方案", "国发〔2015〕23号")},
        ),
        (
            "根据《关于进一步加大贴息力度的通知》（财金〔2020〕21号，以下简称《21号文》）制定本细则。\n《21号文》第二条停止执行。",
            {
                (IMPLEMENTS, "关于进一步加大贴息力度的通知", "财金〔2020〕21号"),
                (AMENDS, "关于进一步加大贴息力度的通知", ""),
            },
        ),
        # What is only cited, has been abolished by others, or is abolished without a name, is no relation.
        ("申请人按照《甲管理办法》提交材料。", set()),
        ("已废止的《甲管理办法》不再引用。《乙办法》已废止。", set()),
        ("此前规定与本措施不一致的，以本措施为准。", set()),
        ("本办法与《甲管理办法》不一致的，以《甲管理办法》为准。", set()),
        ("依照《关于废止部分文件的决定》办理。", set()),
        ("证书自有效期届满之日起失效。", set()),
    ],
)
def test_relations_of_a_sentence(text: str, expected: set[tuple[str, str, str]]) -> None:
    found = relations(text, "本办法的标题")
    assert {(str(one.kind), one.title, one.doc_no) for one in found} == expected
    assert all(one.evidence in text and 0 < one.confidence < 1 for one in found)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于修改〈快递暂行条例〉的决定", (AMENDS, "快递暂行条例")),
        ("国务院关于修改《快递暂行条例》的决定", (AMENDS, "快递暂行条例")),
        ("关于废止《甲管理办法》的通知", (REPLACES, "甲管理办法")),
    ],
)
def test_the_title_says_it_too(title: str, expected: tuple[str, str]) -> None:
    (found,) = relations("正文。", title)
    assert (found.kind, found.title) == expected


def test_an_earlier_document_of_the_same_name_is_replaced() -> None:
    text = "根据《甲条例》制定本条例。2011年发布的《甲条例》同时废止。"
    (found,) = relations(text, "甲条例")
    assert found.kind == REPLACES


@given(st.text(alphabet="《》〈〉()（）〔〕根据制定本办法同时废止对作修改为准号第条一2020年，。\n甲乙", max_size=300))
def test_any_text_has_relations_without_repetition(text: str) -> None:
    found = relations(text, text[:40])
    keys = [(one.kind, one.title, one.doc_no) for one in found]
    assert len(keys) == len(set(keys))
    assert all(one.title or one.doc_no for one in found)


BODY = "为支持小微企业发展，对符合条件的企业给予贴息，单户贷款额度最高300万元，期限不超过2年。" * 6


def edition(
    title: str = "甲管理办法", doc_no: str | None = None, issued: str | None = None, body: str = BODY
) -> Edition:
    return Edition(title, doc_no, "北京市", issued, body)


def test_the_same_text_in_another_layout_is_a_duplicate() -> None:
    spread = "\n\n".join(BODY.replace("，", ", ").split("。"))
    same = same_document(edition(), edition(title="另一个标题", body=f"**{spread}**"))
    assert same and same.how is Sameness.DUPLICATE


def test_a_copy_with_a_misread_character_is_a_duplicate() -> None:
    long = "".join(f"第{at}条 {BODY}" for at in range(20))
    same = same_document(edition(body=long), edition(body=long.replace("期限", "期眼", 1)))
    assert same and same.how is Sameness.DUPLICATE and same.similarity < 1


def test_another_figure_makes_it_a_version() -> None:
    long = "".join(f"第{at}条 {BODY}" for at in range(20))
    older, newer = edition(issued="2024", body=long), edition(issued="2025-03-01", body=long.replace("300", "400", 1))
    same = same_document(older, newer)
    assert same and same.how is Sameness.VERSION and same.newer is newer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (edition("财政部关于印发《甲管理办法》的通知"), edition("甲 管理办法", body="完全不同的正文。")),
        (edition("旧标题", "国务院令第41号"), edition("新标题", "国务院令 第四十一号", body="完全不同的正文。")),
        (edition("旧标题", "财金〔2023〕75号"), edition("新标题", "财金[2023]75号", body="完全不同的正文。")),
    ],
)
def test_the_same_name_or_number_makes_versions(one: Edition, other: Edition) -> None:
    same = same_document(one, other)
    assert same and same.how is Sameness.VERSION


def test_other_documents_are_not_the_same() -> None:
    assert same_document(edition(), edition("乙管理办法", body="完全不同的正文。")) is None
    district = Edition("甲管理办法", None, "通州区", None, "完全不同的正文。")
    assert same_document(edition(), district) is None
    assert same_document(edition("", body=""), edition("", body="")) is None


def test_which_is_newer_is_not_guessed() -> None:
    year, day = edition(issued="2025", body="一"), edition(issued="2025-03-17", body="二")
    same = same_document(year, day)
    assert same and same.newer is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_sameness_is_symmetric(one: str, other: str) -> None:
    left, right = edition(title=one, body=other), edition(title=other, body=one)
    there, back = same_document(left, right), same_document(right, left)
    assert (there and there.how) == (back and back.how)


def test_titles_are_compared_without_issuers_and_forwarding() -> None:
    assert plain_title("财政部 税务总局关于甲的公告") == plain_title("关于甲的公告")
    assert plain_title("北京市财政局关于印发《甲办法》的通知") == plain_title("甲办法")
    assert plain_title("甲办法（2024年修订）") != plain_title("甲办法")
