"""What is proposed for a new policy, measured on the shipped sheets: each is proposed for by what the others say."""

from collections.abc import Iterator

import pytest

from knowledge.catalogue import SEED
from knowledge.classify import MOST_TAGS, Classifier, Example, Proposal, train
from knowledge.ingest.readers import by_suffix

FOLDS = 5


def examples() -> Iterator[Example]:
    reader = by_suffix()[".md"]
    for path in sorted(SEED.glob("policies/*.md")):
        for raw in reader.read(path, path.name):
            front = getattr(raw, "front", None)
            if front and not front.get("guide"):
                yield Example(front["category"], tuple(front.get("tags", ())), front["title"], raw.text)  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def proposals() -> list[tuple[Example, Proposal]]:
    """Every sheet with what a classifier that has not seen it proposes."""
    known = list(examples())
    found = []
    for fold in range(FOLDS):
        classifier = train([one for at, one in enumerate(known) if at % FOLDS != fold])
        found += [(one, classifier.propose(one.title, one.text)) for one in known[fold::FOLDS]]
    return found


def test_most_categories_are_right_and_nearly_all_of_which_it_is_sure(
    proposals: list[tuple[Example, Proposal]],
) -> None:
    right = [proposal.category == example.category for example, proposal in proposals]
    sure = [proposal.category == example.category for example, proposal in proposals if proposal.confidence >= 0.5]
    shares = sum(right) / len(right), sum(sure) / len(sure)
    print(f"category accuracy {shares[0]:.2f}; {shares[1]:.2f} of the {len(sure)} surer ones")  # noqa: T201
    assert shares[0] >= 0.6
    assert shares[1] >= 0.8
    assert len(sure) >= len(right) / 4


def test_tags_stand_in_the_document_and_confidences_are_shares(proposals: list[tuple[Example, Proposal]]) -> None:
    proposed = chosen = 0
    for example, proposal in proposals:
        assert 0 <= proposal.confidence <= 1
        assert len(proposal.tags) <= MOST_TAGS
        confidences = [confidence for _tag, confidence in proposal.tags]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)
        assert all(tag in example.title + example.text for tag, _confidence in proposal.tags)
        surer = {tag for tag, confidence in proposal.tags if confidence >= 0.3}
        proposed, chosen = proposed + len(surer), chosen + len(surer & set(example.tags))
    print(f"{chosen} of {proposed} tags as the author chose them")  # noqa: T201
    assert chosen / proposed >= 0.15


def test_the_same_text_has_the_same_category_and_tags() -> None:
    known = [
        Example("税收优惠", ("增值税",), "小规模纳税人增值税减免", "月销售额10万元以下免征增值税。"),
        Example("人才", ("落户",), "人才引进落户办法", "符合条件的毕业生可以落户。"),
    ]
    proposal = train(known).propose(known[0].title, known[0].text)
    assert proposal.category == "税收优惠"
    assert proposal.confidence > 0.5
    assert proposal.tags[0][0] == "增值税"


@pytest.mark.parametrize("text", ["", "???", "zzz"])
def test_what_is_like_nothing_gets_no_tags(text: str) -> None:
    assert (
        train([Example("人才", ("落户",), "落户", "落户"), Example("税", (), "税", "税")]).propose("", text).tags == []
    )


def test_one_category_is_proposed_without_confidence() -> None:
    classifier = train([Example("人才", (), "落户", "落户")])
    assert isinstance(classifier, Classifier)
    assert (classifier.propose("税", "税").category, classifier.propose("税", "税").confidence) == ("人才", 0.0)
