"""The index of each process follows the database: at once, whole, and from nothing but the database."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from core.db import reading, transaction
from core.settings import ROOT, environment_with, get_settings
from knowledge import catalogue, search, service, versions
from knowledge.errors import KnowledgeUnavailable
from knowledge.index.live import Live
from knowledge.models import Chunk, Policy, Revision
from tests.knowledge import DIMENSIONS, HashEncoder, write_sheet, write_sheets
from tests.waiting import wait_until

VISIBLE_WITHIN = 2.0  # seconds, by the design
QUESTION = "服务券补贴和示范基地奖励"
CHANGES = 25

PROCESS = """
import json, sys
from knowledge import search
from tests.knowledge import HashEncoder
search.get_encoder = HashEncoder
for question in sys.stdin:
    hits = search.search(question.strip()).hits
    print(json.dumps({hit.policy.id: hit.passages[0][0].text for hit in hits}), flush=True)
"""


@pytest.fixture(autouse=True)
def model(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (catalogue, search, versions):
        monkeypatch.setattr(module, "get_encoder", HashEncoder)


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    folder = write_sheets(tmp_path)
    service.ingest([folder])
    return folder


def told() -> dict[str, str]:
    """By policy in force its nearest passage, as this process searches it."""
    return {hit.policy.id: hit.passages[0][0].text for hit in search.search(QUESTION).hits}


def kept(live: Live) -> dict[str, tuple[bool, int]]:
    """By policy whether another index holds it switched on, and how many passages of it."""
    with live.current() as (policies, _session):
        return {entry.id: (entry.about.enabled, len(entry.passages)) for entry in policies.entries}


def everything(live: Live) -> dict[str, tuple[float, float, dict[int, bytes]]]:
    """What a question scores by policy, whichever order an index keeps them in."""
    with live.current() as (policies, _session):
        match = policies.match(QUESTION, HashEncoder().question(QUESTION))
        return {
            entry.id: (
                round(float(match.lexical[at]), 4),
                round(float(match.dense[at]), 4) if entry.passages else 0.0,
                {number: vector.tobytes() for number, vector in zip(entry.passages, entry.vectors, strict=True)},
            )
            for at, entry in enumerate(policies.entries)
        }


@contextmanager
def another_process() -> Iterator[Callable[[], dict[str, str]]]:
    """A real process that has searched already; gives what asks it."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS],
        cwd=ROOT,
        env=environment_with({"TONGQI_LOG_LEVEL": "error"}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout

    def ask() -> dict[str, str]:
        process.stdin.write(f"{QUESTION}\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        line = ""
        while not line.startswith("{"):  # logs come between
            line = process.stdout.readline()  # type: ignore[union-attr]
            assert line, "the process has ended"
        answer: dict[str, str] = json.loads(line)
        return answer

    try:
        yield ask
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def test_every_process_sees_each_change_within_two_seconds_and_without_a_restart(sheets: Path) -> None:
    other = Live(HashEncoder())
    assert kept(other) == {"award": (True, 1), "voucher": (True, 1)}
    with another_process() as ask:
        assert ask() == told() == {"voucher": "服务券按合同金额的30%补贴。", "award": "评上示范基地奖励20万元。"}
        write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")
        write_sheet(sheets, "third", "第三种服务券补贴50%。", title="第三种服务券")
        changes: tuple[Callable[[], object], ...] = (
            lambda: service.ingest([sheets]),
            lambda: versions.set_enabled("voucher", False, "甲"),
            lambda: versions.set_enabled("voucher", True, "甲"),
            lambda: versions.edit("third", {"replaces": ["voucher"], "issued": "2026"}, "甲"),
            lambda: versions.edit("third", {"guide": True}, "甲"),
        )
        three = {"award", "voucher", "third"}
        for change, expected in zip(
            changes, (three, three - {"voucher"}, three, three - {"voucher"}, {"award"}), strict=True
        ):
            change()
            wait_until(lambda expected=expected: ask().keys() == expected, VISIBLE_WITHIN)  # type: ignore[misc]
            assert told() == ask()
            kept(other)
        assert ask() == {"award": "评上示范基地奖励30万元。"}
    assert kept(other) == {"award": (True, 1), "voucher": (True, 1), "third": (True, 0)}
    assert everything(other) == everything(Live(HashEncoder())) | {"third": (0.0, 0.0, {})}


def test_a_search_sees_a_policy_as_it_was_or_as_it_is(sheets: Path) -> None:
    """A version says one number everywhere; whoever searches meanwhile finds the policy always, and one number."""

    def write(number: int) -> None:
        rows = "\n\n".join(f"## 第{at}部分\n\n第{at}项奖励{number}万元。" for at in range(3))
        write_sheet(sheets, "award", rows, title=f"示范基地奖励{number}", tags=[f"{number}"])
        assert not service.ingest([sheets / "award.md"]).errors

    write(0)
    wrong: list[object] = []
    seen: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set() and not wrong:
            try:
                hits = [hit for hit in search.search(QUESTION).hits if hit.policy.id == "award"]
                (hit,) = hits
                (number,) = hit.policy.tags
                texts = [chunk.text for chunk, _cosine in hit.passages]
                whole = {f"第{at}项奖励{number}万元。" for at in range(3)}
                if (
                    hit.policy.title != f"示范基地奖励{number}"
                    or set(texts) != whole
                    or f"奖励{number}万元" not in hit.text
                ):
                    wrong.append((hit.policy.title, number, texts, hit.text))
                seen.add(int(number))
            except Exception as error:  # noqa: BLE001
                wrong.append(error)

    readers = [threading.Thread(target=read) for _reader in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, CHANGES + 1):
        write(number)
        if number % 5 == 0:
            versions.edit("voucher", {"tags": [str(number)]}, "甲")
    wait_until(lambda: CHANGES in seen or wrong)
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(seen) > 1


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_what_commits_between_the_queries_of_a_search_is_not_seen_by_halves(
    sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told()["award"] == "评上示范基地奖励20万元。"
    write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")
    compared = search.fuse

    def meanwhile(*arguments: object) -> object:
        service.ingest([sheets])
        return compared(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(search, "fuse", meanwhile)
        assert told()["award"] == "评上示范基地奖励20万元。"
    assert told()["award"] == "评上示范基地奖励30万元。"


def test_damaged_vectors_are_made_again(sheets: Path) -> None:
    whole = everything(Live(HashEncoder()))
    first = select(Chunk.id).order_by(Chunk.id).limit(1).scalar_subquery()
    damages: tuple[bytes | None, ...] = (
        None,
        b"",
        b"abc",
        np.ones(DIMENSIONS // 2, np.float32).tobytes(),
        np.full(DIMENSIONS, np.nan, np.float32).tobytes(),
        np.zeros(DIMENSIONS, np.float32).tobytes(),
        np.full(DIMENSIONS, 3e38, np.float32).tobytes(),
    )
    for damage in damages:
        with transaction() as session:
            session.execute(update(Chunk).where(Chunk.id == first).values(vector=damage))
        assert everything(Live(HashEncoder())) == whole, damage
    assert service.build_index() == 1
    assert service.build_index() == 0
    with transaction() as session:
        session.execute(update(Chunk).values(vector=b"damaged"))
    assert everything(Live(HashEncoder())) == whole
    assert service.build_index() == 2
    with reading() as session:
        assert all(len(vector) == 4 * DIMENSIONS for vector in session.scalars(select(Chunk.vector)))
    assert everything(Live(HashEncoder())) == whole


def test_a_change_that_cannot_be_read_is_read_with_the_next_search(
    sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told()
    write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")
    service.ingest([sheets])
    live = search.get_live()
    with monkeypatch.context() as patch:
        patch.setattr(live, "_put", lambda *_arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            told()
    assert told()["award"] == "评上示范基地奖励30万元。"


def test_a_database_that_was_restored_is_read_anew(sheets: Path) -> None:
    live = Live(HashEncoder())
    assert kept(live)["award"] == (True, 1)
    with transaction() as session:
        session.execute(update(Revision).values(number=Revision.number - 1))
        session.execute(update(Policy).where(Policy.id == "award").values(enabled=False))
    assert kept(live)["award"] == (False, 1)


def test_another_model_is_said_to_be_so_until_its_vectors_are_made(sheets: Path) -> None:
    class Another(HashEncoder):
        name = "another"

    with (
        pytest.raises(KnowledgeUnavailable, match=r"no policy has vectors of another.*`index`"),
        Live(Another()).current(),
    ):
        pass


@pytest.mark.parametrize("kind", ["flat", "hnsw"])
def test_either_kind_of_index_serves_and_nothing_is_needed_on_disk(
    sheets: Path, kind: str, configure: Callable[..., object]
) -> None:
    configure(KNOWLEDGE_INDEX=kind)
    live = search.get_live()
    assert set(told()) == {"award", "voucher"}
    for number in range(3):  # a graph gives nothing up: what comes again must be found again
        versions.set_enabled("award", False, "甲")
        assert set(told()) == {"voucher"}
        versions.set_enabled("award", True, "甲")
        assert set(told()) == {"award", "voucher"}
        versions.edit("award", {"tags": [f"{number}号标签"]}, "甲")
        assert service.search(f"{number}号标签")[0].policy_id == "award"
    with transaction() as session:  # the model has changed, and with it all vectors
        session.execute(update(Chunk).values(encoder="older"))
    assert service.build_index() == 2
    assert set(told()) == {"award", "voucher"}
    assert everything(live) == everything(Live(HashEncoder()))
    assert not [path for path in get_settings().tongqi_var.glob("**/*") if "index" in path.name]


def test_a_policy_that_is_switched_off_in_the_database_by_hand_is_in_no_answer(sheets: Path) -> None:
    assert "award" in told()
    with transaction() as session:
        session.execute(update(Policy).where(Policy.id == "award").values(enabled=False))
    assert "award" not in told()
