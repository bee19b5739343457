"""Which policy takes which one's place, and from which day on."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.succession import Claim, Standing, successors

TODAY = date(2026, 11, 25)


def policy(name: str, **columns: Any) -> Standing:
    values = {"title": name, "doc_no": None, "issued": None, "effective_on": None, "enabled": True, "replaces": []}
    return Standing(name, **{**values, **columns})


def settled(*policies: Standing, claims: tuple[Claim, ...] = ()) -> dict[str, tuple[str, date]]:
    return successors({one.id: one for one in policies}, claims, TODAY)


def claim(by: str, target: str | None = None, title: str = "", number: str = "") -> Claim:
    return Claim(by, target, title, number)


def test_front_matter_names_what_is_replaced_from_the_day_on_which_the_newer_one_takes_effect() -> None:
    new = policy("new", replaces=["old", "absent"], issued="2026-05-01", effective_on=date(2027, 1, 1))
    assert settled(policy("old"), new) == {"old": ("new", date(2027, 1, 1))}


@pytest.mark.parametrize(
    "said",
    [claim("new", target="old"), claim("new", title="《服务券 办法》"), claim("new", number="京经信发〔2020〕1号")],
)
def test_a_text_names_what_it_replaces_by_id_title_or_number(said: Claim) -> None:
    old = policy("old", title="服务券办法", doc_no="京经信发〔2020〕1号", issued="2020")
    assert settled(old, policy("new", issued="2026-03"), claims=(said,)) == {"old": ("new", date(2026, 3, 1))}


def test_a_text_that_names_what_is_not_here_replaces_nothing() -> None:
    assert (
        settled(policy("new", issued="2026"), policy("other"), claims=(claim("new", "gone", "没有的办法", "无"),)) == {}
    )


def test_only_as_long_as_the_newer_one_is_switched_on() -> None:
    assert settled(policy("old"), policy("new", replaces=["old"], issued="2026", enabled=False)) == {}


def test_what_replaces_one_that_is_switched_off_stands_for_it() -> None:
    old, off = policy("old"), policy("off", replaces=["old"], issued="2020", enabled=False)
    new = policy("new", replaces=["off"], issued="2026")
    assert settled(old, off, new) == {"old": ("new", date(2026, 1, 1)), "off": ("new", date(2026, 1, 1))}
    assert settled(old, off, policy("new", replaces=["off"], issued="2026", enabled=False)) == {}


def test_an_amended_statute_that_repeals_its_own_name_takes_no_place_of_a_later_edition() -> None:
    editions = [policy(day, title="担保法", issued=day) for day in ("2015-03-01", "2018", "2021-06-01")]
    claims = tuple(claim(one.id, title="担保法") for one in editions)
    assert settled(*editions, claims=claims) == {
        "2015-03-01": ("2018", date(2018, 1, 1)),
        "2018": ("2021-06-01", date(2021, 6, 1)),
    }


def test_two_that_replace_each_other_stay_unless_their_dates_decide() -> None:
    """Both would be gone from every answer."""
    for one, other in ((None, None), ("2026", "2026-05"), ("2026-05-01", "2026-05-01")):
        pair = policy("a", replaces=["b"], issued=one), policy("b", replaces=["a"], issued=other)
        assert settled(*pair) == {}
    newer, older = policy("a", replaces=["b"], issued="2026-05"), policy("b", replaces=["a"], issued="2026-04")
    assert settled(newer, older) == {"b": ("a", date(2026, 5, 1))}


def test_of_several_successors_the_first_one_counts() -> None:
    found = settled(
        policy("old", issued="2010"),
        policy("late", replaces=["old"], issued="2026"),
        policy("first", replaces=["old"], issued="2020"),
    )
    assert found == {"old": ("first", date(2020, 1, 1))}


def test_a_newer_one_without_dates_counts_from_the_day_on_which_it_came() -> None:
    new = policy("new", replaces=["old"])
    assert settled(policy("old"), new) == {"old": ("new", TODAY)}
    since = date(2026, 1, 1)
    assert settled(policy("old", superseded_by="new", superseded_on=since), new) == {"old": ("new", since)}
    assert settled(policy("old", superseded_by="else", superseded_on=since), new) == {"old": ("new", TODAY)}


NAMES = st.sampled_from("abcde")
DAYS = st.sampled_from([None, "2020", "2020-05", "2020-05-01", "2021"])


@given(st.dictionaries(NAMES, st.tuples(DAYS, st.lists(NAMES, unique=True)), min_size=1))
def test_no_two_policies_ever_push_each_other_out(given_policies: dict[str, tuple[str | None, list[str]]]) -> None:
    rows = [policy(name, issued=issued, replaces=replaces) for name, (issued, replaces) in given_policies.items()]
    found = settled(*rows)
    for older, (newer, _since) in found.items():
        assert newer in given_policies
        assert older in given_policies[newer][1]
        assert found.get(newer, ("", None))[0] != older
