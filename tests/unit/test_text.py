"""Splitting by bytes at ends of sentences, merging, Markdown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechat_gateway.text import LIMIT, merge, plain, split, typeset


@given(st.text(), st.integers(min_value=4, max_value=200))
@pytest.mark.pitfall(4)
def test_parts_are_small_and_lose_nothing(text: str, limit: int) -> None:
    encodable = text.encode(errors="ignore").decode()
    parts = split(encodable, limit)
    assert "".join(parts) == encodable
    assert all(0 < len(part.encode()) <= limit for part in parts)


def test_long_text_is_cut_at_ends_of_sentences() -> None:
    sentence = "符合条件的小微企业可以申请。"
    parts = split(sentence * 100)
    assert len(parts) > 1
    assert all(part.endswith("。") and len(part.encode()) <= LIMIT for part in parts)


def test_neighbours_are_merged_while_they_fit() -> None:
    assert merge(["一", "二"]) == ["一\n\n二"]
    assert merge(["一" * 500, "二" * 500]) == ["一" * 500, "二" * 500]


@pytest.mark.pitfall(4)
def test_markdown_is_removed() -> None:
    assert (
        plain("## 标题\n**重点**:见[通知](https://www.gov.cn/x)\n- 第一")
        == "标题\n重点:见通知 https://www.gov.cn/x\n· 第一"
    )


def test_half_width_marks_beside_chinese_become_full_width() -> None:
    assert typeset("额度:个人30万元,小微400万元(原为300万元);") == "额度：个人30万元，小微400万元（原为300万元）；"
    assert typeset("LPR 3.1%, see https://a.cn/?x=1,2") == "LPR 3.1%, see https://a.cn/?x=1,2"


@given(st.text())
def test_typesetting_changes_nothing_but_marks(text: str) -> None:
    assert unicodedata.normalize("NFKC", typeset(text)) == unicodedata.normalize("NFKC", text)
