"""The words of the documents, and what the other tests of knowledge.rewrite share: the lexicon of the seed sheets."""

from functools import cache
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.rewrite import Lexicon
from knowledge.rewrite.mining import Runs
from knowledge.rewrite.sound import blurred, sound

POLICIES = Path(__file__).parents[2] / "knowledge" / "seed" / "policies"


@cache
def seed_lexicon() -> Lexicon:
    """Of titles, tags and bodies of the seed sheets."""
    return Lexicon.of(text for path in sorted(POLICIES.glob("*.md")) for text in _texts(path))


def _texts(path: Path) -> list[str]:
    _, front, body = path.read_text("utf-8").split("---\n", 2)
    fields = yaml.safe_load(front)
    return [fields["title"], *fields["tags"], body]


def test_terms_are_counted_and_everyday_words_are_none_of_the_field() -> None:
    lexicon = seed_lexicon()
    assert lexicon.counts["贴息"] > 50
    assert lexicon.is_of_field("专精特新")
    assert not lexicon.is_of_field("我们")
    assert lexicon.weight("创业担保贷款") > lexicon.weight("时间")
    assert lexicon.cost("鑫贴") is None


def test_words_are_found_that_no_list_has() -> None:
    sentence = "蓝鲸券{}可以用,蓝鲸券{}不能用;领取蓝鲸券{}。"
    others = [text for path in sorted(POLICIES.glob("*.md"))[:5] for text in _texts(path)]
    lexicon = Lexicon.of([sentence.format(*"甲乙丙"), sentence.format(*"丁戊己"), *others])
    assert lexicon.counts["蓝鲸券"] == 6
    assert lexicon.is_of_field("蓝鲸券")


def test_a_document_more_is_as_if_it_had_been_there() -> None:
    texts = ["通州区支持冷链物流企业建设冷库", "冷链", "冷库补贴比例为设备投资的百分之二十"]
    once, twice = Lexicon.of(texts), Lexicon.of(texts[:1]).extended(texts[1:])
    assert twice.counts == once.counts
    assert (twice.named, twice.sounds) == (once.named, once.sounds)
    assert "冷链" in twice.named


def test_no_documents_leave_the_hand_kept_terms() -> None:
    lexicon = Lexicon.of([])
    assert lexicon.counts["创业担保贷款"] == 0
    assert lexicon.initials["cydbdk"] == "创业担保贷款"


def test_sounds() -> None:
    assert sound("贷款a") == ("dai", "kuan", "a")
    assert [blurred(one) for one in ("zhang", "shen", "sheng", "lin", "ning", "guang")] == [
        "zan",
        "sen",
        "sen",
        "nin",
        "nin",
        "guang",
    ]


@given(st.lists(st.text(alphabet="贷款贴息ab,。\n𠀀\ud800", max_size=30), max_size=5))
def test_runs_are_counted_as_they_stand(texts: list[str]) -> None:
    words = ["贷", "贴息", "贷款贴", "款贴息贷"]
    expected = {word: sum(_occurrences(text, word) for text in texts) for word in words}
    assert Runs(texts).count(words) == expected


def _occurrences(text: str, word: str) -> int:
    return sum(text.startswith(word, at) for at in range(len(text)))
