"""The answer's text: the passage, the source, the link, the doubt; and when a document leaves the question open."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answer import cite, compose, day, figure_first, office, official, plain, source_lines
from knowledge.figures import unsupported
from knowledge.models import Chunk, Policy, Status
from knowledge.refusal import leaves_open
from knowledge.search import Hit


def policy(**changes: object) -> Policy:
    values = {
        "id": "a",
        "title": "补贴办法",
        "doc_no": "京财〔2026〕1号",
        "level": "北京市",
        "status": Status.CURRENT,
        "category": "综合",
        "confidence": "high",
        "effective": "2026-01-01",
        "expires": "2026-12",
        "source_url": "https://www.beijing.gov.cn/a",
    }
    return Policy(**values | changes)


def hit(*passages: tuple[str, str, float], **changes: object) -> Hit:
    chunks = [
        (Chunk(id=at, position=at, heading=heading, text=text), cosine)
        for at, (heading, text, cosine) in enumerate(passages)
    ]
    chunks.sort(key=lambda item: -item[1])
    return Hit(policy(**changes), 1.0, 5.0, 0.9, 0.9, "", chunks)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.gov.cn/zhengce/x.htm", True),
        ("http://gov.cn/", True),
        ("https://KFQGW.beijing.gov.cn:443/a?b=c", True),
        ("https://gov.cn.example.com/", False),
        ("https://www.mygov.cn/", False),
        ("https://example.com/www.gov.cn/", False),
        ("https://www.gov.cn@example.com/", False),
        ("https://example.com\\@www.gov.cn/", False),
        ("https://[gov.cn/", False),
    ],
)
def test_only_links_to_official_sites_are_shown(url: str, shown: bool) -> None:
    assert official(url) is shown
    assert (url in source_lines(policy(source_url=url))) is shown


def test_source_line_tells_number_issuer_and_validity() -> None:
    assert source_lines(policy(issuer=["北京市财政局"])) == [
        "依据：《补贴办法》（京财〔2026〕1号，北京市财政局），2026年1月1日起执行，到2026年12月为止",
        "https://www.beijing.gov.cn/a",
    ]
    bare = policy(doc_no="来源未说明", effective=None, expires=None, issued="2024", source_url=None)
    assert source_lines(bare) == ["依据：《补贴办法》，2024年发布"]
    assert day("2024-06-08") == "2024年6月8日"


@pytest.mark.parametrize(
    ("changes", "brackets"),
    [
        ({"issuer": ["财政部", "税务总局"]}, "（京财〔2026〕1号，财政部等）"),
        ({"issuer": ["财政部"], "doc_no": "财政部公告2026年第1号"}, "（财政部公告2026年第1号）"),
        ({"issuer": ["商务局"], "title": "商务局关于补贴的通知"}, "（京财〔2026〕1号）"),
        ({"issuer": ["通州区(发文部门来源未说明)"]}, "（京财〔2026〕1号）"),
        ({"issuer": ["商务局"], "doc_no": None}, "（商务局）"),
        ({"issuer": [], "doc_no": None}, ""),
    ],
)
def test_who_issued_it_is_said_once_and_where_it_is_known(changes: dict[str, object], brackets: str) -> None:
    assert source_lines(policy(**changes))[0].split("》", 1)[1] == f"{brackets}，2026年1月1日起执行，到2026年12月为止"


def test_the_section_that_was_asked_for_is_shown_first_and_short() -> None:
    found = hit(
        ("适用对象", "在本市注册的小微企业。", 0.90),
        ("支持内容", "每户补贴8000元。", 0.89),
        ("时间节点", "每年六月受理。", 0.80),
    )
    assert "8000元" in cite("补贴给多少钱", found).shown
    assert cite("补贴给多少钱", found, characters=5).passage == "每户补贴8000元。"


def test_words_for_staff_are_left_out_and_gaps_put_plainly() -> None:
    assert plain("上限50万元。用户问起时答复以通知为准。") == "上限50万元。"
    assert plain("北京限额未检索到。") == "北京限额资料里没有查到。"
    assert plain("每年六月受理。来源未说明。") == "每年六月受理。"


def test_text_with_a_figure_that_its_source_lacks_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    cited = cite("补贴多少", hit(("支持内容", "每户补贴8000元。", 0.9)))
    assert compose("补贴多少", [cited]) == "每户补贴8000元。\n\n" + "\n".join(source_lines(policy()))
    monkeypatch.setattr("knowledge.answer.plain", lambda _text: "每户补贴9000元。")
    assert compose("补贴多少", [cited]) is None


@pytest.mark.parametrize(
    ("changes", "doubted"),
    [
        ({}, False),
        ({"confidence": "medium"}, False),
        ({"confidence": "low"}, True),
        ({"status": Status.UNCERTAIN}, True),
        ({"status": Status.UNCERTAIN, "category": "创业担保贷款"}, True),
    ],
)
def test_uncertain_sources_are_called_uncertain_and_name_an_office(
    changes: dict[str, object], doubted: bool, configure: Callable[..., object]
) -> None:
    text = compose("补贴多少", [cite("补贴多少", hit(("支持内容", "每户补贴8000元。", 0.9), **changes))])
    assert text is not None
    assert ("不能确定" in text and "通州区" in text) is doubted


def test_the_office_to_ask_is_one_that_can_answer(configure: Callable[..., object]) -> None:
    assert office(policy(category="创业担保贷款")) == "通州区人力社保局或经办机构"
    assert office(policy(issuer=["北京市商务局", "北京市财政局"])) == "北京市商务局"
    assert office(policy(issuer=["财政部"], level="国家")) == "通州区的主管部门"
    assert office(policy(issuer=["通州区(发文部门来源未说明)"])) == "通州区的主管部门"


def test_where_only_the_second_source_is_uncertain_its_office_is_named(configure: Callable[..., object]) -> None:
    first = cite("补贴多少", hit(("支持内容", "每户补贴8000元。", 0.9)))
    second = cite(
        "补贴多少", hit(("支持内容", "每户补贴5000元。", 0.9), status=Status.UNCERTAIN, issuer=["北京市商务局"])
    )
    assert (compose("补贴多少", [first, second]) or "").endswith("请向北京市商务局核实。")


def test_the_figure_that_is_asked_for_comes_first() -> None:
    passage = "在本市注册的小微企业可以申请。每户补贴8000元。自2026年1月1日起执行。"
    assert figure_first("补多少钱", passage).startswith("每户补贴8000元。")
    assert figure_first("什么时候开始", passage).startswith("自2026年1月1日起执行。")
    assert figure_first("怎么申请", passage) == passage
    text = compose("补多少钱", [cite("补多少钱", hit(("支持内容", passage, 0.9)))])
    assert text is not None
    assert text.startswith("每户补贴8000元。")


def test_of_several_sentences_with_a_figure_the_one_asked_about_comes_first() -> None:
    passage = "人数不超过300人。把利润按25%计入,相当于实际税负约5%。例:利润100万元。"
    assert figure_first("所得税现在是多少", passage).startswith("把利润按25%计入")


def test_two_sources_are_told_with_their_dates_and_none_is_chosen() -> None:
    beijing = cite("能贷多少", hit(("支持内容", "上限50万元。", 0.9), effective=None, issued="2020-12-29"))
    national = cite(
        "能贷多少",
        hit(("支持内容", "上限30万元。", 0.9), id="b", level="国家", effective="2023-10-01", title="专项资金办法"),
    )
    text = compose("能贷多少", [beijing, national])
    assert text is not None
    for part in ("50万元", "2020年12月29日发布", "另有国家的规定，说法不同：上限30万元", "2023年10月1日起执行"):
        assert part in text


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("听说补10000元对吧", "您说的“10000元”，我查到的文件里没有。文件里写的是："),
        ("听说能补一万元是吗？", "您说的“1万元”，我查到的文件里没有。文件里写的是："),
        ("听说补8000元对吧", "文件里是这样写的："),
        ("是不是人人都有", "文件里是这样写的："),
        ("补多少", "每户补贴8000元。"),
        ("补10000元要什么条件", "每户补贴8000元。"),
    ],
)
def test_what_the_question_takes_for_granted_is_not_confirmed(said: str, first: str) -> None:
    text = compose(said, [cite(said, hit(("支持内容", "每户补贴8000元。", 0.9)))], said=said)
    assert text is not None
    assert text.splitlines()[0] == first


@given(
    st.lists(st.text("0123456789.%万元个月年百分之二十最高,。", min_size=1, max_size=20), min_size=1, max_size=5),
    st.sampled_from(["补多少", "几个月", "什么时候", "听说补5万元对吧", "怎么办"]),
)
def test_every_figure_that_is_sent_stands_in_what_is_cited(texts: list[str], said: str) -> None:
    cited = cite(said, hit(*(("支持内容", text, 0.9) for text in texts)))
    text = compose(said, [cited], said=said)
    if text is not None:
        evidence = "\n".join([*(chunk.text for chunk in cited.chunks), *source_lines(policy()), "5万元"])
        assert unsupported(text, f"{evidence}\n{cited.passage}") == []


def test_a_document_that_lacks_what_was_asked_leaves_it_open() -> None:
    voucher = hit(
        ("申请条件", "合同真实履行;个体户能否使用来源未说明。", 0.93), ("支持内容", "补贴合同金额的30%。", 0.90)
    )
    assert leaves_open("个体户能不能用服务券", voucher)
    assert not leaves_open("服务券补百分之多少", voucher)
    title = hit(("支持内容", "获得称号。奖励标准来源未说明。", 0.93))
    assert leaves_open("评上奖多少钱", title)
    listed = hit(("申请材料", "营业执照、合同等,清单来源未说明。", 0.93))
    assert not leaves_open("要带哪些材料清单", listed)
