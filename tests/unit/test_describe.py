"""What a document is, next to those that are known."""

from datetime import date
from typing import Any

from knowledge.ingest.describe import CATEGORY, Description, Known, describe
from knowledge.ingest.document import RawDocument

TODAY = date(2026, 11, 25)
BODY = "\n\n".join(
    f"第{at}条 {text}" for at, text in zip("一二三四五六", [
        "为支持中小企业使用专业服务,制定本办法。", "本办法所称服务券由区经济和信息化局发放给本区中小企业使用。",
        "服务券按照合同金额的30%给予补贴,每家企业每年不超过20万元。", "企业应当通过平台提交申请,并附上合同、发票和付款凭证。",
        "区经济和信息化局在十个工作日内完成审核,并将结果告知企业。", "弄虚作假的,追回补贴资金,三年内不再受理其申请。",
    ], strict=True)
)  # fmt: skip


def document(
    name: str = "a.docx", year: int = 2024, body: str = BODY, title: str = "中小企业服务券管理办法"
) -> RawDocument:
    return RawDocument(name, f"# {title}\n\n{body}\n\n通州区经济和信息化局\n\n{year}年3月1日", title=title)


def known(*raws: RawDocument, **columns: Any) -> Known:
    """Each as it is described next to those before it; `columns` change what is known of it."""
    found = Known()
    for raw in raws:
        front = describe(raw, found, TODAY).document.front.model_dump(mode="json")
        reviewed = columns.pop("reviewed", False)
        found.add({**front, **columns}, raw.text, "digest", reviewed)
    return found


def sheet(name: str, category: str, *tags: str, title: str) -> dict[str, Any]:
    raw = RawDocument(
        name, "正文。", {"id": name, "title": title, "status": "现行", "category": category, "tags": tags}
    )
    return describe(raw, Known(), TODAY).document.front.model_dump(mode="json")


def test_a_sheet_is_what_it_says() -> None:
    raw = RawDocument(
        "a.md", "正文。", {"id": "a", "title": "服务券", "status": "现行", "category": "综合"}, notes=("n",)
    )
    found = describe(raw, Known(), TODAY)
    assert (found.document.front.id, found.reviewed, found.extracted, found.notes) == ("a", True, {}, ("n",))


def test_a_document_is_described_with_how_sure_each_field_is_and_waits_for_a_look() -> None:
    found = describe(document(), Known(), TODAY)
    front = found.document.front
    assert (front.title, front.issued, front.category) == ("中小企业服务券管理办法", "2024-03-01", CATEGORY)
    assert front.id == "中小企业服务券管理办法-2024-03-01"
    assert not found.reviewed
    assert all(0 <= one["confidence"] <= 1 for one in found.extracted.values())
    assert found.extracted["category"]["confidence"] == 0
    assert "please confirm: category" in found.notes


def test_the_same_file_again_is_unchanged_and_its_copy_a_duplicate() -> None:
    before = known(document())
    again, copy = describe(document(), before, TODAY), describe(document("copy.pdf"), before, TODAY)
    name = "中小企业服务券管理办法-2024-03-01"
    assert (again.duplicate_of, again.unchanged) == (name, True)
    assert (copy.duplicate_of, copy.unchanged) == (name, False)
    assert f"the same text as {name}" in copy.notes


def test_a_later_edition_replaces_the_known_one_and_an_earlier_one_is_replaced() -> None:
    later = describe(document(year=2026, body=BODY.replace("20万", "30万")), known(document()), TODAY)
    assert later.document.front.replaces == ["中小企业服务券管理办法-2024-03-01"]
    assert later.replaced_by == ()
    earlier = describe(document(year=2020, body=BODY.replace("20万", "10万")), known(document()), TODAY)
    assert earlier.document.front.replaces == []
    assert earlier.replaced_by == ("中小企业服务券管理办法-2024-03-01",)


def changed(before: Known) -> Description:
    return describe(document("b.docx", body=BODY.replace("20万", "25万")), before, TODAY)


def test_a_changed_text_of_the_same_day_changes_the_policy() -> None:
    found = changed(known(document()))
    assert found.document.front.id == "中小企业服务券管理办法-2024-03-01"
    assert not found.reviewed
    assert "25万" in found.document.body


def test_what_staff_have_confirmed_stays_and_stays_confirmed_when_the_text_changes() -> None:
    found = changed(known(document(), reviewed=True, category="专精特新", tags=["服务券"], expires="2026-12-31"))
    front = found.document.front
    assert (front.category, front.tags, front.expires) == ("专精特新", ["服务券"], "2026-12-31")
    assert found.reviewed
    assert "25万" in found.document.body


def test_another_document_of_that_name_is_pointed_out() -> None:
    found = describe(document(body="第一条 完全不同的内容,讲的是别的事情。"), known(document()), TODAY)
    assert found.document.front.id == "中小企业服务券管理办法-2024-03-01-2"
    assert any("speaks of the same document" in note for note in found.notes)


def test_categories_and_tags_are_learnt_from_sheets_of_the_same_import() -> None:
    found = Known()
    assert found.classifier() is None
    for number, front in enumerate(
        [sheet("a", "人才", "落户", title="人才引进落户办法"), sheet("b", "税收优惠", "增值税", title="增值税减免公告")]
    ):
        found.add(front, front["title"] * 5, str(number), reviewed=True)
        assert found.classifier() is not None
    front = describe(document(title="增值税减免公告(新)", body="增值税减免继续执行。"), found, TODAY).document.front
    assert (front.category, front.tags) == ("税收优惠", ["增值税"])


def test_guides_and_what_nobody_has_looked_at_teach_nothing() -> None:
    found = Known()
    found.add(sheet("a", "人才", title="落户") | {"guide": True}, "落户", "1", reviewed=True)
    found.add(sheet("b", "人才", title="落户"), "落户", "2", reviewed=False)
    assert found.classifier() is None


def test_new_ids_are_names_that_are_free() -> None:
    found = known(document())
    assert found.free_id("服务券(试行)", "2024") == "服务券试行-2024"
    assert found.free_id("中小企业服务券管理办法", "2024-03-01") == "中小企业服务券管理办法-2024-03-01-2"
    assert found.free_id("《》", None) == "document"
    assert len(found.free_id("长" * 300, "2024-03-01")) <= 80
