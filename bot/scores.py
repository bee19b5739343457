"""How good understanding is: accuracy, F1 and confusions of expected against given labels."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class LabelScore:
    """Figures of one label, each between 0 and 1, and how many lines expect it."""

    precision: float
    recall: float
    f1: float
    lines: int


@dataclass(frozen=True)
class Scores:
    """Figures of a whole set; macro-F1 is the mean over the labels that are expected or given."""

    accuracy: float
    macro_f1: float
    labels: dict[str, LabelScore]
    confusions: list[tuple[str, str, int]]  # expected, given, how often; most frequent first


def score(expected: list[str], given: list[str]) -> Scores:
    """Compare two lists of labels of the same length, at least one.

    Raises:
        ValueError: different lengths, or nothing to compare.
    """
    if not expected:
        raise ValueError("nothing to compare")
    pairs = Counter(zip(expected, given, strict=True))
    wanted, said = Counter(expected), Counter(given)
    labels = {name: _label_score(pairs[name, name], said[name], wanted[name]) for name in sorted(wanted | said)}
    return Scores(
        accuracy=sum(count for (left, right), count in pairs.items() if left == right) / len(expected),
        macro_f1=sum(label.f1 for label in labels.values()) / len(labels),
        labels=labels,
        confusions=[(left, right, count) for (left, right), count in pairs.most_common() if left != right],
    )


def _label_score(hits: int, said: int, wanted: int) -> LabelScore:
    return LabelScore(
        precision=hits / said if said else 0.0,
        recall=hits / wanted if wanted else 0.0,
        f1=2 * hits / (said + wanted),
        lines=wanted,
    )
