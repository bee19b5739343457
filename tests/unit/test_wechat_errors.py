"""WeChat's codes as named errors."""

import pickle
import re
from pathlib import Path

import pytest

from core.settings import ROOT
from wechat_gateway.errors import CODES, MAX_TEXT, Advice, Duplicate, OutOfQuota, TokenInvalid, Unreachable, refusal


@pytest.mark.parametrize(
    ("code", "advice", "retryable"),
    [
        (-1, Advice.RETRY, True),
        (40001, Advice.RETRY, True),
        (45011, Advice.RETRY, True),
        (45009, Advice.WAIT, True),
        (45015, Advice.WAIT, False),
        (45047, Advice.WAIT, False),
        (43004, Advice.GIVE_UP, False),
        (48002, Advice.GIVE_UP, False),
        (40164, Advice.MEND, False),
        (61004, Advice.MEND, False),
        (40243, Advice.MEND, False),
        (48001, Advice.MEND, False),
    ],
)
def test_a_code_says_what_to_do(code: int, advice: Advice, retryable: bool) -> None:
    error = refusal(code, "", {})
    assert (error.code, error.advice, error.retryable) == (code, advice, retryable)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_stale_tokens_have_a_class(code: int) -> None:
    assert isinstance(refusal(code, "", {}), TokenInvalid)


@pytest.mark.parametrize("code", [45015, 45047])
def test_the_end_of_a_window_has_a_class(code: int) -> None:
    error = refusal(code, "", {})
    assert isinstance(error, OutOfQuota)
    assert error.out_of_quota


def test_an_unknown_code_keeps_its_number_and_is_not_repeated() -> None:
    error = refusal(99999, "new", {})
    assert (error.code, error.name, error.advice) == (99999, "unknown", Advice.GIVE_UP)
    assert "99999" in str(error)
    assert "new" in str(error)


def test_a_duplicate_mass_sending_names_the_one_there_is() -> None:
    error = refusal(45065, "", {"msg_id": 34182})
    assert isinstance(error, Duplicate)
    assert error.msg_id == 34182
    assert not isinstance(refusal(45065, "", {}), Duplicate)  # nothing to go by


def test_no_answer_may_be_tried_again() -> None:
    error = Unreachable("ReadTimeout")
    assert (error.code, error.retryable, error.out_of_quota) == (None, True, False)


def test_names_and_meanings_are_told_apart() -> None:
    names = [known.name for known in CODES.values()]
    assert len(names) == len(set(names))
    assert all(known.meaning for known in CODES.values())
    assert len(CODES) >= 60


@pytest.mark.parametrize("code", CODES)
def test_the_text_fits_where_it_is_kept(code: int) -> None:
    assert len(str(refusal(code, "x" * 500, {}))) <= MAX_TEXT
    assert str(code) in str(refusal(code, "", {}))


def test_errors_can_be_handed_between_processes() -> None:
    error = pickle.loads(pickle.dumps(refusal(43004, "require subscribe", {})))
    assert (error.code, error.detail) == (43004, "require subscribe")


@pytest.mark.parametrize("path", sorted((ROOT / "wechat_gateway" / "calls").glob("*.py")), ids=lambda path: path.stem)
def test_every_code_that_a_call_names_is_known(path: Path) -> None:
    named = re.findall(r"(?<![\d,_.])[4-9]\d{4}(?![\d,_])", path.read_text("utf-8"))
    assert [code for code in named if int(code) not in CODES] == []


def test_the_page_for_operators_says_how_to_mend_each() -> None:
    page = (ROOT / "docs" / "howto" / "wechat.md").read_text("utf-8")
    assert [code for code, known in CODES.items() if known.advice is not Advice.GIVE_UP and str(code) not in page] == []
