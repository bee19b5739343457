"""Reviewed pairs over real databases: two people, every process at once, and nothing told that does not hold today."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from app.commands.faq import faq as command
from core.clock import today
from core.db import transaction
from knowledge import revision
from knowledge.errors import NotPossible
from knowledge.faq import matching, service
from knowledge.faq.matching import FaqHit, Published
from knowledge.faq.models import Faq, FaqQuestion, FaqState
from knowledge.ingest.document import InvalidDocument
from knowledge.models import Policy, Status
from tests.knowledge import HashEncoder

ASKED = "通八条是什么"
SOURCE = {"source_note": "区文件"}


@pytest.fixture(autouse=True)
def model(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "get_encoder", HashEncoder)


@pytest.fixture
def process() -> Published:
    """The pairs as another process keeps them, which has looked already."""
    other = Published(HashEncoder())
    assert ask(other) is None
    return other


@pytest.fixture
def policy() -> str:
    return add_policy("eight")


def add_policy(name: str, **columns: Any) -> str:
    values = {
        "title": "促进企业发展的八条措施", "issuer": [], "level": "区级", "status": Status.CURRENT, "category": "综合",
        "tags": [], "audience": "", "confidence": "high", "guide": False, "compare_with": [], "body": "", "content_hash": "",
    }  # fmt: skip
    with transaction() as session:
        session.add(Policy(id=name, **{**values, **columns}))
    return name


def ask(process: Published, question: str = ASKED, on: date | None = None) -> FaqHit | None:
    return process.match(question, HashEncoder().question(question), on or today())


def published(*questions: str, answer: str = "支持企业的八条措施。", **more: Any) -> int:
    number = service.draft(questions or (ASKED,), answer, "科室", "甲", **(more or SOURCE))
    service.publish(number, "乙")
    return number


def state_of(number: int) -> FaqState:
    return next(state for state in FaqState for pair in service.listing(state) if pair.id == number)


def test_a_pair_is_told_once_a_second_person_has_published_it(process: Published) -> None:
    number = service.draft([ASKED, "啥叫通八条"], "支持企业的八条措施。", "科室", "甲", **SOURCE)
    assert ask(process) is None
    service.publish(number, "乙")
    hit = ask(process, "啥叫通八条")
    assert hit is not None
    assert (hit.faq_id, hit.question, hit.answer) == (number, "啥叫通八条", "支持企业的八条措施。")
    assert hit.source_line == "依据：区文件"
    (pair,) = service.listing(FaqState.PUBLISHED)
    assert (pair.created_by, pair.reviewed_by) == ("甲", "乙")


def test_who_wrote_or_edited_a_pair_does_not_publish_it() -> None:
    number = service.draft([ASKED], "八条措施。", "科室", "Wang", **SOURCE)
    assert service.edit(number, {"answer": "八条。"}, "Li") == number
    for author in ("Wang", " wang", "LI"):
        with pytest.raises(NotPossible, match="somebody else"):
            service.publish(number, author)
    assert state_of(number) is FaqState.DRAFT
    service.publish(number, "Zhao")
    assert state_of(number) is FaqState.PUBLISHED


@pytest.mark.parametrize("name", ["", "  ", "甲" * 81])
def test_nobody_acts_without_a_name(name: str) -> None:
    with pytest.raises(NotPossible, match="who does this"):
        service.draft([ASKED], "八条措施。", "科室", name, **SOURCE)
    with pytest.raises(NotPossible, match="who does this"):
        service.publish(1, name)


def test_an_edit_is_told_when_it_is_published_and_by_every_process_at_once(process: Published) -> None:
    first = published()
    second = Published(HashEncoder())
    edited = service.edit(first, {"answer": "现在是九条措施。"}, "丙")
    assert edited != first
    assert {hit.answer for hit in (ask(process), ask(second)) if hit} == {"支持企业的八条措施。"}
    service.publish(edited, "甲")
    assert {hit.answer for hit in (ask(process), ask(second)) if hit} == {"现在是九条措施。"}
    assert state_of(first) is FaqState.RETIRED


def test_a_retirement_is_seen_by_every_process_at_once(process: Published) -> None:
    number = published()
    assert ask(process) is not None
    service.retire(number, "丙")
    assert ask(process) is None


def test_a_draft_may_be_given_up_and_the_pair_it_would_replace_stays(process: Published) -> None:
    number = published()
    service.retire(service.edit(number, {"answer": "错的。"}, "丙"), "丙")
    hit = ask(process)
    assert hit is not None
    assert hit.faq_id == number


def test_what_cannot_be_done_is_said(policy: str) -> None:
    number = published()
    again = service.draft([ASKED], "另一个答案。", "科室", "甲", **SOURCE)
    edited = service.edit(number, {"answer": "八条。"}, "丙")
    retired = published("另一个问题")
    service.retire(retired, "丙")
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: service.publish(number, "丁"), "is published"),
        (lambda: service.publish(999, "丁"), "no pair 999"),
        (lambda: service.publish(again, "丁"), f"pair {number} is published and has the same question"),
        (lambda: service.edit(number, {"answer": "九条。"}, "丁"), f"draft {edited} changes"),
        (lambda: service.edit(retired, {"answer": "九条。"}, "丁"), "is retired"),
        (lambda: service.retire(retired, "丁"), "retired already"),
        (lambda: service.edit(edited, {"source_policy_id": "absent"}, "丁"), "no policy absent"),
        (lambda: service.draft([ASKED], "答", "科室", "甲", source_policy_id="absent"), "no policy absent"),
    ]
    for attempt, reason in refused:
        with pytest.raises(NotPossible, match=reason):
            attempt()
    with pytest.raises(InvalidDocument, match="answer"):
        service.edit(edited, {"answer": ""}, "丁")
    service.publish(edited, "丁")


def test_an_edit_of_what_somebody_else_has_changed_meanwhile_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    number = service.draft([ASKED], "八条措施。", "科室", "甲", **SOURCE)
    encode = service._phrasings

    def meanwhile(pair: Any) -> Any:
        monkeypatch.setattr(service, "_phrasings", encode)
        service.edit(number, {"owner": "别的科室"}, "丙")
        return encode(pair)

    monkeypatch.setattr(service, "_phrasings", meanwhile)
    with pytest.raises(NotPossible, match="meanwhile"):
        service.edit(number, {"answer": "九条措施。"}, "乙")
    (pair,) = service.listing(FaqState.DRAFT)
    assert (pair.answer, pair.owner, pair.edited_by) == ("八条措施。", "别的科室", "丙")


def test_a_pair_is_told_only_on_the_days_on_which_it_is_valid(process: Published) -> None:
    begins, ends = date(2026, 3, 1), date(2026, 3, 31)
    published(valid_from=begins, valid_until=ends, **SOURCE)
    told = {day: ask(process, on=day) is not None for day in (begins, ends)}
    told |= {day: ask(process, on=day) is not None for day in (begins - timedelta(1), ends + timedelta(1))}
    assert [day for day in sorted(told) if told[day]] == [begins, ends]


def test_a_pair_whose_policy_is_not_in_force_is_not_told(process: Published, policy: str) -> None:
    published(source_policy_id=policy)
    hit = ask(process)
    assert hit is not None
    assert hit.source_line.startswith("依据：《促进企业发展的八条措施》")
    assert hit.policy is not None and hit.policy.id == policy
    with transaction() as session:  # as nobody else does it: without a number of its own
        session.execute(update(Policy).values(expires_on=today() - timedelta(1)))
    assert ask(process) is None


def test_the_next_pair_is_told_where_the_nearest_may_not_be(process: Published, policy: str) -> None:
    published(ASKED, source_policy_id=policy)
    other = published("通八条是什么?", answer="八条。")
    with transaction() as session:
        session.execute(update(Policy).values(enabled=False))
    hit = ask(process)
    assert hit is not None
    assert hit.faq_id == other


def test_a_question_that_only_looks_alike_gets_no_answer(process: Published) -> None:
    long = "数据中心实施技术改造项目每年可以申请的市级财政资金补助上限是多少万元"
    published(f"通州{long}", answer="最高50万元。")
    assert ask(process, f"通州{long}呢") is not None
    assert ask(process, f"朝阳{long}") is None  # near enough by both measures, but another place
    assert ask(process, "个体户怎么注册") is None


def test_vectors_of_another_model_are_never_compared_and_made_anew(process: Published) -> None:
    published()
    with transaction() as session:
        session.execute(update(FaqQuestion).values(encoder="other", vector=b"\0" * 12))
        session.execute(update(Faq).values(revision=revision.next_number(session)))
    assert ask(process) is None
    assert run("index") == "1 encoded\n"
    assert ask(process) is not None
    assert service.encode_anew() == 0


def test_the_processs_own_pairs_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    number = published()
    monkeypatch.setattr(matching, "get_encoder", HashEncoder)
    matching.get_published.forget()
    try:
        hit = matching.match(ASKED, HashEncoder().question(ASKED), today())
    finally:
        matching.get_published.forget()
    assert hit is not None
    assert hit.faq_id == number


def run(*arguments: str, fails: bool = False) -> str:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == fails, result.output
    return "".join(line for line in result.output.splitlines(keepends=True) if "[info" not in line)  # not the log


def test_the_command_takes_a_pair_from_the_draft_to_its_end(process: Published, policy: str) -> None:
    drafted = run("add", "-q", ASKED, "-a", "八条措施。", "--owner", "科室", "--policy", policy, "--by", "甲")
    number = drafted.split(";")[0].removeprefix("draft ")
    assert ASKED in run("list", "--state", "draft")
    assert "somebody else" in run("publish", number, "--by", "甲", fails=True)
    run("publish", number, "--by", "乙")
    assert "by 甲, reviewed by 乙" in run("list")
    assert ask(process) is not None
    assert "nothing is given" in CliRunner().invoke(command, ["edit", number, "--by", "丙"]).output
    edited = run("edit", number, "-a", "九条措施。", "--until", "2099-12-31", "--by", "丙").split(";")[0]
    run("publish", edited.removeprefix("draft "), "--by", "乙")
    listed = run("list")
    for part in ("九条措施。", "– 2099-12-31", f"kept by 科室, rests on {policy}"):
        assert part in listed
    run("retire", edited.removeprefix("draft "), "--by", "乙")
    assert run("list") == "0 published\n"


def test_a_table_is_drafted_whole_or_not_at_all(tmp_path: Path, policy: str) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(f"通八条是什么\t八条措施\t科室\t{policy}\n另一个问题\t另一个答案\t科室\tabsent\n", "utf-8")
    assert "no policy absent" in run("import", str(table), "--by", "甲", fails=True)
    assert service.listing(FaqState.DRAFT) == []
    table.write_text(f"通八条是什么\t八条措施\t科室\t{policy}\n啥叫通八条\t八条措施\t科室\t{policy}\n", "utf-8")
    assert run("import", str(table), "--by", "甲").startswith("1 drafted")
    assert [one.text for one in service.listing(FaqState.DRAFT)[0].questions] == [ASKED, "啥叫通八条"]
