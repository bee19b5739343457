"""A question from what was written to what is searched."""

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.rewrite import Change, Kind, rewrite
from tests.unit.test_rewrite_lexicon import seed_lexicon

CHARACTERS = st.one_of(st.characters(), st.sampled_from("贷款贴西那个体户呢的百分之十万二〇年嗯 abzh'1,。？"))


def test_what_is_added_stands_behind_and_is_told() -> None:
    found = rewrite("嗯貼西怎麼申抱", seed_lexicon())
    assert found.text == "贴西怎么申抱 贴息 申报"
    assert found.changes == (
        Change(Kind.TRADITIONAL, "嗯貼西怎麼申抱", "嗯贴西怎么申抱"),
        Change(Kind.SPELLING, "贴西", "贴息"),
        Change(Kind.SPELLING, "申抱", "申报"),
    )
    assert found.topic_from is None


def test_a_mended_abbreviation_gets_its_full_form() -> None:
    found = rewrite("高起怎么评", seed_lexicon())
    assert [(change.kind, change.meant) for change in found.changes] == [
        (Kind.SPELLING, "高企"),
        (Kind.FULL_FORM, "高新技术企业"),
    ]


def test_nothing_comes_of_nothing() -> None:
    assert rewrite(" \n ", seed_lexicon(), ["创业担保贷款"]).text == ""


@settings(deadline=None)
@given(st.text(CHARACTERS, max_size=600), st.lists(st.text(CHARACTERS, max_size=60), max_size=4))
def test_any_text_is_read_and_always_alike(question: str, before: list[str]) -> None:
    found = rewrite(question, seed_lexicon(), before)
    assert found == rewrite(question, seed_lexicon(), before)
    assert found.topic_from is None or found.topic_from in before[-3:]
