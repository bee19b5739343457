"""Every figure of an answer stands in what it cites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.figures import unsupported


@pytest.mark.parametrize(
    ("text", "evidence", "missing"),
    [
        ("上限50万元", "上限 50 万元", []),
        ("上限50万元", "上限150万元", ["50万"]),
        ("按50%贴", "按50个百分点贴", ["50%"]),
        ("1.5个百分点", "21.5个百分点", ["1.5个"]),
        ("共3", "共3.5", ["3"]),
        ("9:00到17:30", "9:00到17:00", ["17:30"]),
        ("2027年12月31日", "2023年1月1日至2027年12月31日", []),
        ("没有数字", "", []),
    ],
)
def test_figures(text: str, evidence: str, missing: list[str]) -> None:
    assert unsupported(text, evidence) == missing


@given(st.text("0123456789.%万元年月,。 "))
def test_a_text_supports_itself(text: str) -> None:
    assert unsupported(text, text) == []


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_another_number_is_never_support(left: int, right: int) -> None:
    assert unsupported(f"{left}元", f"{right}元") == ([] if left == right else [f"{left}元"])
