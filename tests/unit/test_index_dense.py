"""The vectors of passages: what is nearest, whichever kind of index and whatever has come and gone."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.index import dense
from knowledge.index.dense import Dense, Kind, Vectors

DIMENSIONS = 16
KINDS: tuple[Kind, ...] = get_args(Kind)


def some(count: int, seed: int = 7) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def filled(kind: Kind, numbers: range) -> Dense:
    index = Dense(DIMENSIONS, kind)
    index.add(numbers, some(len(numbers)))
    return index


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_found_in_nothing(kind: Kind) -> None:
    numbers, near = Dense(DIMENSIONS, kind).search(some(1)[0])
    assert len(numbers) == len(near) == 0


def test_a_graph_finds_nearly_what_comparing_everything_finds() -> None:
    flat, graph = (filled(kind, range(3000)) for kind in ("flat", "hnsw"))  # type: ignore[arg-type]
    for index in (flat, graph):
        index.remove(range(0, 3000, 3))
        assert len(index) == 2000
    shared = []
    for question in some(3000)[1:300:30]:
        (exact, best), (near, _cosines) = flat.search(question), graph.search(question)
        assert exact[0] == near[0]
        assert best[0] == pytest.approx(1)
        assert not any(number % 3 == 0 for number in near)
        shared.append(len(set(exact[:10].tolist()) & set(near[:10].tolist())) / 10)
    assert np.mean(shared) > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_that_comes_again_has_its_new_vector(kind: Kind) -> None:
    index, vectors = Dense(DIMENSIONS, kind), some(4)
    index.add([5, 6], vectors[:2])
    index.remove([5])
    index.add([5, 6], vectors[2:])
    assert len(index) == 2
    for at, number in ((2, 5), (3, 6)):
        numbers, near = index.search(vectors[at])
        assert sorted(numbers) == [5, 6]
        assert (numbers[0], near[0]) == (number, pytest.approx(1))


def test_what_was_never_there_cannot_be_removed() -> None:
    with pytest.raises(KeyError):
        Dense(DIMENSIONS).remove([1])


@pytest.mark.parametrize("kind", KINDS)
def test_at_most_so_many_are_compared_and_they_are_the_nearest(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "MOST", 20)
    index, question = filled(kind, range(100)), some(1, seed=8)[0]
    nearest = np.argsort(-(some(100) @ question))[:20].tolist()
    numbers, near = index.search(question)
    assert numbers.tolist() == nearest
    assert (np.diff(near) <= 0).all()
    index.remove(nearest[:10])  # those that are gone take nobody's room
    assert index.search(question)[0].tolist()[:10] == nearest[10:]
    assert len(index.search(question)[0]) == 20


@pytest.mark.parametrize("kind", KINDS)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sets(st.integers(0, 30), min_size=1), st.integers(0, 1000)), min_size=1, max_size=12
    )
)
def test_whatever_came_and_went_the_index_is_as_one_built_anew(
    kind: Kind, changes: list[tuple[bool, set[int], int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "MOST", 31)
        followed, kept = Dense(DIMENSIONS, kind), dict[int, Vectors]()
        for adds, numbers, seed in changes:
            if adds:
                vectors = some(len(numbers), seed)
                followed.add(sorted(numbers), vectors)
                kept |= zip(sorted(numbers), vectors, strict=True)
            else:
                gone = sorted(numbers & kept.keys())
                followed.remove(gone)
                kept = {number: vector for number, vector in kept.items() if number not in gone}
        anew = Dense(DIMENSIONS)
        anew.add(list(kept), np.array(list(kept.values())))
        assert len(followed) == len(anew) == len(kept)
        question = some(1, seed=1001)[0]
        found, expected = (
            dict(zip(*map(np.ndarray.tolist, one.search(question)), strict=True)) for one in (followed, anew)
        )
        assert found == pytest.approx(expected)
