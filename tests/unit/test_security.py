"""Personal numbers are masked wherever they might be shown or logged."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.security import mask
from core.settings import ROOT


@given(st.text(alphabet="你好,: abc"), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="你好。 x"))
def test_a_phone_number_is_masked_in_any_text(before: str, phone: str, after: str) -> None:
    assert phone not in mask(f"{before}{phone}{after}")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678", "电话138****5678"),
        ("138 1234 5678", "138****5678"),
        ("110101199003071234", "110101********1234"),
        ("11010119900307123X", "110101********123X"),
        ("订单 12345678901234", "订单 12345678901234"),
        ("额度300万元,2020年", "额度300万元,2020年"),
    ],
)
def test_what_is_masked_and_what_is_not(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_logs_show_no_number_wherever_it_stands() -> None:
    program = (
        "from core.logging import configure, get_logger; configure('test');"
        "get_logger().info('call 13812345678', ids=['110101199003071234'], error=ValueError('13912345678'))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT).stderr
    line = json.loads(shown)
    assert line["event"] == "call 138****5678"
    assert line["ids"] == ["110101********1234"]
    assert "13912345678" not in shown
