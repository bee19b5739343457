"""What a process has one of."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.once import once

THREADS = 8


def test_threads_that_ask_at_the_same_time_get_the_same() -> None:
    together = threading.Barrier(THREADS)
    made: list[object] = []

    @once
    def get_thing() -> object:
        made.append(object())
        threading.Event().wait(0.02)  # long enough for all to ask meanwhile
        return made[-1]

    def ask(_number: int) -> object:
        together.wait()
        return get_thing()

    with ThreadPoolExecutor(THREADS) as pool:
        things = list(pool.map(ask, range(THREADS)))
    assert made == [things[0]]
    assert {id(thing) for thing in things} == {id(things[0])}


def test_a_new_one_is_made_after_the_old_one_was_given_up() -> None:
    @once
    def get_thing() -> object:
        return object()

    assert get_thing.forget() is None
    first = get_thing()
    assert get_thing.forget() is first
    assert get_thing() is not first


def test_what_cannot_be_made_is_tried_again() -> None:
    answers = iter([ZeroDivisionError, None])

    @once
    def get_thing() -> str:
        if error := next(answers):
            raise error
        return "made"

    with pytest.raises(ZeroDivisionError):
        get_thing()
    assert get_thing() == "made"
