"""Measures against numbers worked out by hand, and datasets that are wrong."""

from pathlib import Path

import pytest

from knowledge.evaluation import InvalidDataset, quality, read_dataset, shows


def test_measures_agree_with_hand_calculation() -> None:
    relevance = {"q1": {"a": 2, "b": 1}, "q2": {"c": 1}}
    found = quality({"q1": ["b", "x", "a"], "q2": ["x", "y"]}, relevance)
    ideal = 3 + 1 / 1.584963
    assert found.ndcg == pytest.approx(((1 + 3 / 2) / ideal + 0) / 2, abs=1e-5)
    assert found.recall_1 == pytest.approx((1 / 2 + 0) / 2)
    assert found.recall_10 == pytest.approx((1 + 0) / 2)
    assert found.mrr == pytest.approx((1 + 0) / 2)
    assert (found.hit_1, found.hit_3) == (0.5, 0.5)


def test_the_end_of_another_number_is_not_the_figure() -> None:
    assert shows("上限 50 万元", "50万元")
    assert not shows("上限150万元", "50万元")


@pytest.mark.parametrize(
    ("queries", "qrels", "complaint"),
    [
        ("not json", "q\ta\t1", "queries.jsonl:1"),
        ('{"_id": "q"}', "q\ta\t1", "queries.jsonl:1"),
        ('{"_id": "q", "text": "t"}', "q\ta", "qrels.tsv:1"),
        ('{"_id": "q", "text": "t"}', "q\ta\tyes", "qrels.tsv:1"),
        (None, "", "queries.jsonl"),
    ],
)
def test_a_wrong_dataset_is_named(queries: str | None, qrels: str, complaint: str, tmp_path: Path) -> None:
    if queries is not None:
        (tmp_path / "queries.jsonl").write_text(queries)
    (tmp_path / "qrels.tsv").write_text(qrels)
    with pytest.raises(InvalidDataset, match=complaint):
        read_dataset(tmp_path)
