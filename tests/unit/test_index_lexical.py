"""Matching by words."""

import pytest

from knowledge.index import lexical
from knowledge.index.lexical import Lexical
from knowledge.index.terms import bigrams


def index(*texts: str) -> Lexical:
    """Each text is a document of its own."""
    found = Lexical()
    for document, text in enumerate(texts):
        found.put(document, [text])
    found.commit()
    return found


def documents(found: Lexical, question: str) -> list[int]:
    return list(found.search(question)[0])


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("贷款50.5万元 LPR、税", ["贷款", "50.5", "万元", "lpr", "税"]),
        ("LPR", ["lpr"]),
        ("50%", ["50"]),
        ("Ⅱ类", ["ii", "类"]),
        ("?!、 ", []),
    ],
)
def test_terms_are_character_pairs_numbers_and_words(text: str, terms: list[str]) -> None:
    assert bigrams(text) == terms


def test_the_text_with_more_and_rarer_words_of_the_question_comes_first() -> None:
    found = index("企业可以申请贷款", "企业可以申请补贴", "企业可以申请首贷贴息", "红烧肉")
    assert documents(found, "企业首贷贴息")[0] == 2
    assert documents(found, "企业补贴")[0] == 1
    assert 3 not in documents(found, "企业")


@pytest.mark.parametrize("question", ["", "???", "深圳", "AND OR NOT", "terms:贷 *", '"', "a" * 10_000])
def test_whatever_is_asked_is_no_query_language(question: str) -> None:
    assert documents(index("企业可以申请贷款"), question) == []


def test_full_width_and_capital_letters_are_the_same() -> None:
    assert documents(index("按LPR计算50%"), "ｌｐｒ") == [0]
    assert documents(index("按ＬＰＲ计算"), "Lpr") == [0]


def test_a_document_with_several_texts_may_recur_with_its_best_first() -> None:
    found = Lexical()
    found.put(4, ["个人贷款", "贷款贷款贷款"])
    found.commit()
    numbers, scores = found.search("贷款")
    assert list(numbers) == [4, 4]
    assert scores[0] > scores[1] > 0


def test_changes_show_after_commit_and_not_before() -> None:
    found = index("旧文本", "另一个")
    found.put(0, ["新内容"])
    assert documents(found, "旧文本") == [0]
    assert documents(found, "新内容") == []
    found.commit()
    assert documents(found, "旧文本") == []
    assert documents(found, "新内容") == [0]
    found.put(0, [])
    found.commit()
    assert documents(found, "新内容") == []


def test_at_most_so_many_texts_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "MOST", 3)
    assert len(documents(index(*["贷款"] * 10), "贷款")) == 3
