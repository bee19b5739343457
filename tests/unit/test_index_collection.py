"""What a search compares: words, meaning, and what changes about either."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.index import collection as module
from knowledge.index.collection import USUAL_WEIGHT, Collection, Entry, Match
from knowledge.index.dense import Kind
from tests.knowledge import DIMENSIONS, HashEncoder

KINDS = pytest.mark.parametrize("kind", ["flat", "hnsw"])


def entry(name: str, *passages: tuple[int, str]) -> Entry[None]:
    texts = [words for _number, words in passages]
    vectors = HashEncoder().passages(texts) if texts else np.zeros((0, DIMENSIONS), np.float32)
    return Entry(name, texts, [number for number, _words in passages], vectors, None)


LOAN = entry("loan", (1, "创业担保贷款个人上限50万元"), (2, "去银行办理"))
TAX = entry("tax", (7, "小型微利企业减免企业所得税"))


def collection(*entries: Entry[None], kind: Kind = "flat") -> Collection[None]:
    found = Collection[None](DIMENSIONS, kind)
    for one in entries:
        found.put(one)
    found.commit()
    return found


def ask(found: Collection[None], question: str) -> Match:
    return found.match(question, HashEncoder().question(question))


@KINDS
def test_a_question_is_compared_with_every_document_and_passage(kind: Kind) -> None:
    question = "企业所得税减免"
    match, vector = ask(collection(LOAN, TAX, kind=kind), question), HashEncoder().question(question)
    assert np.argmax(match.lexical) == np.argmax(match.dense) == 1
    assert match.lexical[0] == 0
    assert match.dense == pytest.approx([max(one.vectors @ vector) for one in (LOAN, TAX)])


def test_words_that_stand_nowhere_score_nothing() -> None:
    assert not ask(collection(LOAN, TAX), "???").lexical.any()


def test_an_empty_collection_answers() -> None:
    match = ask(collection(), "贷款")
    assert len(match.lexical) == len(match.dense) == 0


def test_nearness_to_usual_questions_is_taken_off() -> None:
    usual, question = HashEncoder().question("怎么申请"), "怎么申请贷款"
    found = Collection[None](DIMENSIONS, usual=usual)
    passages = entry("a", (1, "怎么申请"), (2, "贷款"))
    found.put(passages)
    found.commit()
    cosines, owed = passages.vectors @ HashEncoder().question(question), USUAL_WEIGHT * (passages.vectors @ usual)
    assert ask(found, question).dense[0] == pytest.approx(max(cosines - owed))


@KINDS
def test_a_document_that_changes_is_found_by_what_it_says_now(kind: Kind) -> None:
    found, now = collection(LOAN, TAX, kind=kind), entry("loan", (9, "首贷贴息比例30%"))
    found.put(now)
    found.commit()
    match = ask(found, "个人上限")
    assert not match.lexical.any()
    assert match.dense[0] == pytest.approx(max(now.vectors @ HashEncoder().question("个人上限")))
    found.put(entry("loan"))
    found.commit()
    gone = ask(found, "贴息")
    assert not gone.lexical.any()
    assert gone.dense[0] == gone.dense.min()
    assert "loan" in found
    assert "other" not in found


@KINDS
def test_the_same_passages_with_other_vectors_are_found_by_those(kind: Kind) -> None:
    found, question = collection(LOAN, TAX, kind=kind), "另一个模型"
    vectors = np.stack([HashEncoder().question(question)] * 2)
    for _again in range(3):  # switched off and on, a policy is put as it was
        found.put(Entry("loan", LOAN.texts, LOAN.passages, vectors, None))
        found.commit()
    assert ask(found, question).dense[0] == pytest.approx(1)


@KINDS
@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.lists(st.text("贷款税补贴年", min_size=1, max_size=6), max_size=3),
            st.booleans(),
        ),
        max_size=10,
    )
)
def test_whatever_was_put_replaced_or_emptied_all_is_as_in_a_collection_made_anew(
    kind: Kind, puts: list[tuple[str, list[str], bool]]
) -> None:
    followed, number, last = Collection[None](DIMENSIONS, kind), 0, dict[str, Entry[None]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "STALE", 0)  # else what was replaced may weigh a little in what is left
        for name, texts, seen in puts:
            last[name] = entry(name, *((number + at, text) for at, text in enumerate(texts)))
            number += len(texts)
            followed.put(last[name])
            if seen:
                followed.commit()
        followed.commit()
    anew = collection(*(last[one.id] for one in followed.entries))
    assert [one.id for one in followed.entries] == [one.id for one in anew.entries]
    for question in ("贷款", "补贴年税", "无"):
        found, expected = ask(followed, question), ask(anew, question)
        assert found.lexical == pytest.approx(expected.lexical)
        assert found.dense == pytest.approx(expected.dense)


def test_few_replaced_texts_leave_the_others_matched_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matching all anew at each change would take a large collection seconds."""
    made: list[object] = []
    monkeypatch.setattr(module, "Lexical", lambda make=module.Lexical: made.append(None) or make())
    found = collection(*(entry(f"d{at}", (at, f"政策{at}号的补贴")) for at in range(40)))
    for _again in range(9):  # switched off and on
        found.put(entry("d9", (9, "政策9号的补贴")))
        found.commit()
    changed: Sequence[int] = range(4)
    for at in changed:
        found.put(entry(f"d{at}", (100 + at, f"新政{at}号的贷款")))
        found.commit()
    assert len(made) == 1
    assert np.flatnonzero(ask(found, "新政").lexical).tolist() == list(changed)
    assert len(np.flatnonzero(ask(found, "补贴").lexical)) == 36
    found.put(entry("d4", (104, "新政4号的贷款")))
    found.commit()
    assert len(made) == 2
