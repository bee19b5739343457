"""The answer's text: the passage, the source, the link, the doubt; and when a document leaves the question open."""

from collections.abc import Callable

import pytest

from knowledge.answer import cite, compose, day, official, plain, source_lines
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
    return Hit(policy(**changes), 1.0, 5.0, 0.9, 0.5, chunks)


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


def test_source_line_tells_number_and_dates() -> None:
    assert source_lines(policy()) == [
        "依据:《补贴办法》(京财〔2026〕1号),2026年1月1日起执行,到2026年12月为止",
        "https://www.beijing.gov.cn/a",
    ]
    bare = policy(doc_no="来源未说明", effective=None, expires=None, issued="2024", source_url=None)
    assert source_lines(bare) == ["依据:《补贴办法》,2024年发布"]
    assert day("2024-06-08") == "2024年6月8日"


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


def test_text_with_a_figure_that_its_source_lacks_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    cited = cite("补贴多少", hit(("支持内容", "每户补贴8000元。", 0.9)))
    assert compose([cited]) == "每户补贴8000元。\n\n" + "\n".join(source_lines(policy()))
    monkeypatch.setattr("knowledge.answer.plain", lambda _text: "每户补贴9000元。")
    assert compose([cited]) is None


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
    text = compose([cite("补贴多少", hit(("支持内容", "每户补贴8000元。", 0.9), **changes))])
    assert text is not None
    assert ("不能确定" in text and "通州区" in text) is doubted


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
