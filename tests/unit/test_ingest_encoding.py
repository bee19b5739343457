"""Bytes into text: Chinese in its usual encodings comes back as it was, and what is no text is refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.ingest.document import InvalidDocument
from knowledge.ingest.readers.encoding import decode
from tests.documents import SCANNED, SENTENCE

NOTICE = "\n".join((*SCANNED, SENTENCE))
# Words of official documents, in any order: what encodings are told apart by.
TEXT = st.lists(st.sampled_from([*"为支持中小企业发展现组织申报专项资金", "，", "。", "2026年", "\n", "LPR", "%"]))


@given(TEXT.map("".join), st.sampled_from(["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"]))
def test_common_text_comes_back_from_each_encoding(text: str, encoding: str) -> None:
    text = f"申报{text}"  # a lone 为 or 联通 in GBK is as well Greek in UTF-8
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "big5", "utf-16", "utf-8"])
def test_a_notice_comes_back_from_each_encoding_whatever_it_declares(encoding: str) -> None:
    text = NOTICE if encoding != "big5" else "為支持中小企業發展，現組織申報專項資金，有關事項如下。"
    for declared in (None, "utf-8", "gb2312", "GBK", "iso-8859-1", "no-such-charset"):
        assert decode(text.encode(encoding), declared) == text


def test_rare_characters_of_gb18030_and_names_beyond_gb2312() -> None:
    text = NOTICE + "朱镕基、㙍、𠮷"
    assert decode(text.encode("gb18030"), "gb2312") == text


def test_marked_utf_16_of_both_orders() -> None:
    assert decode(b"\xff\xfe" + NOTICE.encode("utf-16-le")) == NOTICE
    assert decode(b"\xfe\xff" + NOTICE.encode("utf-16-be")) == NOTICE


def test_a_page_cut_within_a_character_is_still_read() -> None:
    for encoding in ("utf-8", "gb18030"):
        text = decode((NOTICE * 3).encode(encoding)[:-1])
        assert text.startswith(NOTICE)


@pytest.mark.parametrize("content", [bytes(range(256)) * 20, b"\xff\xfe\x00", b"\xff\xfe\x00\xd8" * 50, b"\x80" * 100])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidDocument):
        decode(content)


@given(st.binary(max_size=200), st.one_of(st.none(), st.text(max_size=12)))
@example(b"", None)
def test_any_bytes_are_text_or_refused_in_one_line(content: bytes, declared: str | None) -> None:
    complaint = ""
    try:
        assert isinstance(decode(content, declared), str)
    except InvalidDocument as error:
        complaint = str(error)
    assert len(complaint.splitlines()) <= 1


@given(st.binary(max_size=200))
def test_what_is_valid_utf_8_without_control_characters_is_read_as_such(content: bytes) -> None:
    text = content.decode("utf-8", "ignore")
    if text.isprintable() and not text.startswith("\ufeff"):
        assert decode(text.encode()) == text
