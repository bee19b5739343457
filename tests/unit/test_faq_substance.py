"""What a question speaks of must be known to a pair before it answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.faq.substance import Known, substance

PAIR = Known(["2026年通州区数据中心节水改造补助上限", "最高补50万元。", "促进绿色发展的办法"])


def test_things_places_and_numbers_count_and_the_way_of_asking_does_not() -> None:
    assert substance("2026年通州数据中心的补助LPR怎么算") >= {"2026", "lpr", "通州", "数据中心"}
    assert substance("什么时候可以,怎么算多少") == set()


@pytest.mark.parametrize("question", ["通州数据中心节水改造最多补多少", "数据中心补助是50万元吗", "2026年的上限呢"])
def test_a_question_in_the_words_of_the_pair_is_covered(question: str) -> None:
    assert PAIR.covers(question)


@pytest.mark.parametrize(
    "question",
    [
        "朝阳数据中心节水改造最多补多少",
        "通州学校节水改造最多补多少",
        "2025年数据中心节水改造补多少",
        "数据中心补助5万元吗",
    ],
)
def test_another_place_thing_or_number_is_not(question: str) -> None:
    assert not PAIR.covers(question)


def test_a_long_word_may_be_known_in_a_shorter_form() -> None:
    assert Known(["创业担保贷怎么办"]).covers("创业担保贷款怎么办")
    assert not Known(["小规模纳税人的税"]).covers("一般纳税人的税")


@given(st.text(max_size=60))
def test_every_text_covers_itself(text: str) -> None:
    assert Known([text]).covers(text)
