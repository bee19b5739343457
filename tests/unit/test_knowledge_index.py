"""The index: what a search compares, and that a crash or a rebuild never leaves a process without one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.settings import get_settings
from knowledge.encoder import Vectors
from knowledge.errors import KnowledgeUnavailable
from knowledge.index import POINTER, Entry, Loader, bigrams, publish
from tests.knowledge import HashEncoder

LOAN = Entry("loan", "创业担保贷款 个人上限50万元", [(1, "个人上限50万元"), (2, "去银行办理")])
TAX = Entry("tax", "小型微利企业 减免企业所得税", [(7, "减免企业所得税")])


class BrokenEncoder(HashEncoder):
    """Fails in the middle of a build."""

    def passages(self, texts: list[str]) -> Vectors:
        raise MemoryError


@pytest.fixture(autouse=True)
def _settings(configure: Callable[..., object]) -> None:
    """Every test has its own index folder."""


@pytest.fixture
def folder() -> Path:
    return get_settings().tongqi_var / "index"


def test_terms_are_character_pairs_numbers_and_words() -> None:
    assert bigrams("贷款50.5万元 LPR、税") == ["贷款", "50.5", "万元", "lpr", "税"]
    assert bigrams("LPR") == ["lpr"]


def test_a_question_is_compared_with_every_document_and_passage() -> None:
    publish([LOAN, TAX], HashEncoder())
    index = Loader().current()
    match = index.match("企业所得税减免", HashEncoder().question("企业所得税减免"))
    assert index.documents == ["loan", "tax"]
    assert np.argmax(match.lexical) == np.argmax(match.dense) == 1
    assert match.lexical[0] == 0
    assert match.passages.keys() == {1, 2, 7}
    assert match.dense[1] == pytest.approx(match.passages[7])


def test_words_that_stand_nowhere_score_nothing() -> None:
    publish([LOAN, TAX], HashEncoder())
    match = Loader().current().match("???", HashEncoder().question("???"))
    assert not match.lexical.any()


def test_a_loader_takes_up_a_new_version_by_itself() -> None:
    loader = Loader()
    publish([LOAN], HashEncoder())
    before = loader.current()
    assert loader.current() is before
    publish([LOAN, TAX], HashEncoder())
    assert loader.current().documents == ["loan", "tax"]


def test_a_build_that_fails_leaves_the_old_version(folder: Path) -> None:
    publish([LOAN], HashEncoder())
    with pytest.raises(MemoryError):
        publish([LOAN, TAX], BrokenEncoder())
    assert Loader().current().documents == ["loan"]
    assert len(list(folder.glob("v-*"))) == 1


def test_old_versions_go_but_the_one_just_replaced_stays(folder: Path) -> None:
    versions = [publish([LOAN], HashEncoder()) for _ in range(3)]
    assert {path.name for path in folder.glob("v-*")} == set(versions[1:])


def test_without_an_index_the_message_says_what_to_run() -> None:
    with pytest.raises(KnowledgeUnavailable, match="tongqi knowledge index"):
        Loader().current()
    with pytest.raises(KnowledgeUnavailable, match="tongqi knowledge ingest"):
        publish([], HashEncoder())


def test_a_damaged_index_is_named(folder: Path) -> None:
    version = publish([LOAN], HashEncoder())
    (folder / version / "manifest.json").write_text("{")
    with pytest.raises(KnowledgeUnavailable, match="cannot be read"):
        Loader().current()
    (folder / POINTER).write_text("v-gone")
    with pytest.raises(KnowledgeUnavailable, match="tongqi knowledge index"):
        Loader().current()
