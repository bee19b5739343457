"""Words and meaning in one score, what is in force among it, and what is preferred among equals."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.index.collection import Match
from knowledge.index.live import Standing
from knowledge.models import Status
from knowledge.search import LEXICAL_WEIGHT, _favour, fuse

DAY = date(2026, 11, 25)
PLAIN: dict[str, Any] = {
    "enabled": True, "status": Status.CURRENT, "effective_on": None, "expires_on": None, "superseded_on": None,
    "superseded_by": None, "level": "国家", "category": "综合", "audience": "", "since": "", "text": "",
}  # fmt: skip


def match(lexical: list[float], dense: list[float]) -> Match:
    return Match(np.array(lexical, np.float32), np.array(dense, np.float32))


def everything(count: int) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    return np.ones(count, dtype=bool)


def standing(**columns: Any) -> Standing:
    return Standing(**{**PLAIN, **columns})


def test_the_best_by_words_and_by_meaning_scores_one_and_the_worst_nothing() -> None:
    assert fuse(match([9, 0, 4], [0.9, 0.7, 0.8]), everything(3))[:2] == pytest.approx([1, 0])


def test_each_side_has_its_weight() -> None:
    assert fuse(match([5, 0], [0.7, 0.9]), everything(2)) == pytest.approx([LEXICAL_WEIGHT, 1 - LEXICAL_WEIGHT])


def test_scores_are_stretched_over_what_is_allowed_and_others_are_measured_alike() -> None:
    allowed = np.array([True, True, False])
    scores = fuse(match([2, 0, 4], [0.8, 0.6, 0.9]), allowed)
    assert scores[:2] == pytest.approx([1, 0])
    assert scores[2] == pytest.approx(LEXICAL_WEIGHT * 2 + (1 - LEXICAL_WEIGHT) * 1.5)


@pytest.mark.parametrize("allowed", [[False, False], [True, False]])
def test_with_one_or_none_in_force_nothing_is_divided_by_nothing(allowed: list[bool]) -> None:
    assert np.isfinite(fuse(match([1, 1], [0.5, 0.5]), np.array(allowed))).all()


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(-1, 1)), min_size=2, max_size=9))
def test_who_is_not_worse_on_either_side_is_not_worse(pairs: list[tuple[float, float]]) -> None:
    scores = fuse(match([one for one, _ in pairs], [one for _, one in pairs]), everything(len(pairs)))
    assert (scores >= -1e-5).all() and (scores <= 1 + 1e-5).all()
    for one, score in zip(pairs, scores, strict=True):
        for other, less in zip(pairs, scores, strict=True):
            if one[0] >= other[0] and one[1] >= other[1]:
                assert score >= less - 1e-5


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({}, True),
        ({"status": Status.UNCERTAIN}, True),
        ({"enabled": False}, False),
        ({"status": Status.EXPIRED}, False),
        ({"effective_on": DAY}, True),
        ({"effective_on": DAY + timedelta(1)}, False),
        ({"expires_on": DAY}, True),
        ({"expires_on": DAY - timedelta(1)}, False),
        ({"superseded_on": DAY + timedelta(1)}, True),
        ({"superseded_on": DAY}, False),
    ],
)
def test_what_the_index_may_tell_on_a_day(columns: dict[str, Any], told: bool) -> None:
    assert standing(**columns).in_force(DAY) is told


def test_among_equals_the_surely_valid_the_near_and_the_new_come_first() -> None:
    plain = _favour(standing())
    assert _favour(standing(status=Status.UNCERTAIN)) < plain
    assert _favour(standing(level="其他")) < plain < _favour(standing(level="北京市"))
    assert plain < _favour(standing(since="2020")) < _favour(standing(since="2025-03"))
