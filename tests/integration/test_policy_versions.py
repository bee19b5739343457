"""What imports and staff do to policies over real databases: nothing is lost, nothing that does not hold is told."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.db import reading
from knowledge import catalogue, search, service, versions
from knowledge.errors import NotPossible
from knowledge.ingest.document import Document, InvalidDocument
from knowledge.ingest.store import Draft, prepare
from knowledge.models import Relation, VersionState
from tests.knowledge import HashEncoder, write_sheet, write_sheets
from tests.policies import ID, TITLE, number, outcome, policy, states, told, write_document


@pytest.fixture(autouse=True)
def model(database: str, configure: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    configure(TONGQI_ALLOW_CLOCK="1")
    for module in (catalogue, search, versions):
        monkeypatch.setattr(module, "get_encoder", HashEncoder)


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    return write_sheets(tmp_path)


class TestImport:
    def test_the_same_again_changes_nothing_and_a_change_keeps_what_was_said_before(self, sheets: Path) -> None:
        write_document(sheets)
        assert outcome(service.ingest([sheets])) == {"new": ["award", "voucher", ID]}
        before = number()
        assert outcome(service.ingest([sheets])) == {"unchanged": ["award", "voucher", ID]}
        assert number() == before
        write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")
        assert outcome(service.ingest([sheets / "award.md"])) == {"changed": ["award"]}
        assert told()["award"] == "评上示范基地奖励30万元。"
        old, new = versions.history("award")
        assert (old.state, new.state) == (VersionState.REPLACED, VersionState.CURRENT)
        assert "20万元" in old.body
        assert (new.decided_by, new.file_name) == (catalogue.IMPORTER, "award.md")
        versions.accept(old.id, "甲")
        assert told()["award"] == "评上示范基地奖励20万元。"
        assert states("award") == ["current", "replaced"]

    def test_a_copy_is_recognised_and_a_later_edition_takes_the_place_of_the_earlier_one(self, tmp_path: Path) -> None:
        first = write_document(tmp_path)
        copy = tmp_path / "copy.txt"
        copy.write_text(first.read_text("utf-8").replace("# ", "").replace("。", "。 "), "utf-8")
        assert outcome(service.ingest([first, copy])) == {"new": [ID], "duplicate": [ID]}
        assert not policy(ID).reviewed
        later = f"{TITLE}-2026-03-01"
        assert outcome(service.ingest([write_document(tmp_path, "new.md", 2026, 30)])) == {"new": [later]}
        assert policy(ID).superseded_by == later
        assert told().keys() == {later}
        earlier = f"{TITLE}-2020-03-01"
        for _again in range(2):
            service.ingest([write_document(tmp_path, "old.md", 2020, 10)])
        assert policy(earlier).superseded_by == ID
        versions.set_enabled(ID, False, "甲")
        assert policy(earlier).superseded_by == later
        assert told().keys() == {later}
        with reading() as session:
            assert session.query(Relation).filter_by(target_id=earlier).count() == 2

    def test_a_text_says_what_it_replaces_and_what_it_only_amends(self, sheets: Path) -> None:
        ends = "本办法自2025年1月1日起施行,《示范基地奖励》同时废止。对《服务券补贴》第三条作如下修改。"
        write_document(sheets, year=2024, more=ends)
        service.ingest([sheets])
        assert policy("award").superseded_by == ID
        assert told().keys() == {"voucher", ID}
        with reading() as session:
            kinds = {(one.kind.value, one.target_title) for one in session.query(Relation).filter_by(policy_id=ID)}
        assert kinds == {("replaces", "示范基地奖励"), ("amends", "服务券补贴")}
        # A change of its front matter leaves what its text says; another text says something else.
        versions.edit(ID, {"category": "专精特新"}, "甲")
        assert policy("award").superseded_by == ID
        versions.set_enabled(ID, False, "甲")
        assert told().keys() == {"voucher", "award"}
        versions.set_enabled(ID, True, "甲")
        assert told().keys() == {"voucher", ID}
        write_document(sheets, year=2024)
        assert outcome(service.ingest([sheets / "券.md"])) == {"changed": [ID]}
        assert told().keys() == {"voucher", "award", ID}
        # A sheet of our own says so in its front matter; its text tells of what others have done.
        sheet = write_sheet(sheets, "sheet", "办法自2025年起施行,《服务券补贴》同时废止。", issued="2026")
        service.ingest([sheet])
        assert policy("voucher").superseded_by is None

    def test_what_staff_have_confirmed_outlives_a_changed_text(self, tmp_path: Path) -> None:
        service.ingest([write_document(tmp_path)])
        versions.edit(ID, {"category": "专精特新", "tags": ["服务券"]}, "甲")
        for most in (25, 35):
            assert outcome(service.ingest([write_document(tmp_path, most=most)])) == {"changed": [ID]}
            assert (policy(ID).category, policy(ID).tags, policy(ID).reviewed) == ("专精特新", ["服务券"], True)
        assert "35万元" in told("每家企业每年不超过多少")[ID]


class TestProposal:
    def test_it_waits_until_somebody_decides(self, sheets: Path) -> None:
        service.ingest([sheets / "award.md"])
        write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")
        write_document(sheets)
        first = service.ingest([sheets], propose=True)
        assert outcome(first) == {"changed": ["award"], "new": ["voucher", ID]}
        assert told() == {"award": "评上示范基地奖励20万元。"}
        assert [version.id for version in versions.pending()] == first.proposed
        assert service.ingest([sheets], propose=True).proposed == first.proposed  # the same proposals, not more of them
        award, voucher, document = first.proposed
        versions.reject(voucher, "甲")
        versions.accept(award, "甲")
        assert policy(versions.accept(document, "甲").id).reviewed
        assert told("30万元补贴").keys() == {"award", ID}
        assert told()["award"] == "评上示范基地奖励30万元。"
        assert versions.pending() == []
        (rejected,) = versions.history("voucher")
        assert (rejected.state, rejected.decided_by) == (VersionState.REJECTED, "甲")
        for decide in (versions.accept, versions.reject):
            with pytest.raises(NotPossible, match=f"version {award} "):
                decide(award, "乙")
        with pytest.raises(NotPossible, match="no version 999"):
            versions.accept(999, "乙")
        versions.accept(voucher, "乙")  # rejected by mistake
        assert "voucher" in told()

    def test_a_later_proposal_takes_the_place_of_the_one_that_waits(self, sheets: Path) -> None:
        service.ingest([sheets / "award.md"], propose=True)
        write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")
        service.ingest([sheets / "award.md"], propose=True)
        assert states("award") == ["rejected", "proposed"]
        assert len(versions.pending()) == 1

    @pytest.mark.parametrize("published", [True, False])
    def test_an_earlier_edition_that_is_accepted_later_is_in_no_answer(self, tmp_path: Path, published: bool) -> None:
        later = service.ingest([write_document(tmp_path, "a.md", 2026, 30)], propose=not published).proposed
        files = [write_document(tmp_path, "b.md", 2024)]
        report = service.ingest(files if published else [tmp_path / "a.md", *files], propose=True)
        for version in dict.fromkeys([*report.proposed, *later]):
            versions.accept(version, "甲")
        assert policy(ID).superseded_by == f"{TITLE}-2026-03-01"
        assert told().keys() == {f"{TITLE}-2026-03-01"}

    def test_two_who_accept_it_at_once_do_so_once(self, sheets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (proposed,) = service.ingest([sheets / "award.md"], propose=True).proposed
        both_have_read = threading.Barrier(2, timeout=20)

        def prepared(*arguments: Any, **options: Any) -> Draft:
            both_have_read.wait()
            return prepare(*arguments, **options)

        monkeypatch.setattr(versions, "prepare", prepared)
        done: list[str] = []

        def accept(by: str) -> None:
            with contextlib.suppress(NotPossible):
                done.append(versions.accept(proposed, by).id)

        in_threads([lambda by=by: accept(by) for by in "甲乙"])
        assert done == ["award"]
        assert states("award") == ["current"]


class TestEdit:
    def test_it_is_a_version_like_any_other_and_confirms_the_policy(self, tmp_path: Path) -> None:
        service.ingest([write_document(tmp_path)])
        versions.edit(ID, {"category": "专精特新", "title": "券管理办法"}, "甲")
        row = policy(ID)
        assert (row.category, row.title, row.reviewed, row.file_name) == ("专精特新", "券管理办法", True, "券.md")
        assert service.search("券管理办法")[0].title == "券管理办法"
        old, new = versions.history(ID)
        assert (old.state, new.state, new.decided_by) == (VersionState.REPLACED, VersionState.CURRENT, "甲")
        assert "title" in old.extracted
        assert new.extracted.keys() == old.extracted.keys() - {"category", "title"}

    def test_what_is_against_the_rules_changes_nothing(self, sheets: Path) -> None:
        service.ingest([sheets])
        before = number()
        wrong: tuple[tuple[Mapping[str, object], str], ...] = (
            ({"expires": "morgen"}, "expires: .*morgen"),
            ({"expire": "2026"}, "expire: "),
            ({"title": ""}, "title: "),
        )
        for changes, reason in wrong:
            with pytest.raises(InvalidDocument, match=reason):
                versions.edit("award", changes, "甲")
        with pytest.raises(NotPossible, match="no policy absent"):
            versions.edit("absent", {}, "甲")
        with pytest.raises(NotPossible, match="keeps its id"):
            versions.edit("award", {"id": "other"}, "甲")
        with pytest.raises(NotPossible, match="no policy absent"):
            versions.set_enabled("absent", False, "甲")
        assert number() == before

    def test_it_does_not_undo_what_an_import_has_changed_meanwhile(
        self, sheets: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service.ingest([sheets])
        write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")

        def slowly(document: Document, *arguments: Any, **options: Any) -> Draft:
            service.ingest([sheets])
            return prepare(document, *arguments, **options)

        monkeypatch.setattr(versions, "prepare", slowly)
        with pytest.raises(NotPossible, match="meanwhile"):
            versions.edit("award", {"category": "专精特新"}, "甲")
        assert told()["award"] == "评上示范基地奖励30万元。"


class TestInForce:
    """The design's fourth invariant: from the moment it is so, nothing needs to be written, built or restarted."""

    def test_the_switch_counts_from_the_next_search_on_and_outlives_imports(self, sheets: Path) -> None:
        service.ingest([sheets])
        assert told().keys() == {"award", "voucher"}
        versions.set_enabled("award", False, "甲")
        assert told().keys() == {"voucher"}
        write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")
        service.ingest([sheets])
        assert told().keys() == {"voucher"}
        versions.set_enabled("award", True, "甲")
        assert told() == {"voucher": "服务券按合同金额的30%补贴。", "award": "评上示范基地奖励30万元。"}

    def test_days_pass_without_anything_being_written(self, sheets: Path) -> None:
        write_sheet(sheets, "ends", "特别券补贴40%。", title="特别券补贴", expires="2026-11")
        write_sheet(sheets, "old", "旧券补贴50%。", title="旧券补贴", issued="2020")
        write_sheet(sheets, "new", "新券补贴60%。", title="新券补贴", effective="2027-01-01", replaces=["old"])
        service.ingest([sheets])
        at = number()
        always = {"voucher", "award"}
        for moment, expected in (
            (datetime(2026, 11, 30, 23, 59), {"ends", "old"}),
            (datetime(2026, 12, 1, 0, 1), {"old"}),
            (datetime(2027, 1, 1, 0, 1), {"new"}),
        ):
            clock.set_clock(moment)
            assert told("券补贴奖励").keys() == always | expected, moment
        assert number() == at
        found = search.search("旧券补贴")
        assert found.successor == "new"
        assert found.lapsed > found.hits[0].score

    def test_an_edited_date_counts_at_once(self, sheets: Path) -> None:
        service.ingest([sheets])
        versions.edit("award", {"expires": "2020"}, "甲")
        assert told().keys() == {"voucher"}
        versions.edit("award", {"expires": None, "status": "已失效"}, "甲")
        assert told().keys() == {"voucher"}
        versions.edit("award", {"status": "不确定"}, "甲")
        assert told().keys() == {"voucher", "award"}
        versions.edit("award", {"guide": True}, "甲")  # told for its topic, and in no general search
        assert told().keys() == {"voucher"}


def test_changes_at_once_have_an_order_and_all_of_them_happen(sheets: Path) -> None:
    """Each supersedes another's policy, so they want each other's rows."""
    names = "abcd"
    for name in names:
        write_sheet(sheets, name, f"券{name}补贴。", issued="2026")
    service.ingest([sheets])

    def change(at: int) -> None:
        for other in (names[at - 1], names[at - 2], ""):
            versions.edit(names[at], {"replaces": [other] if other else [], "issued": "2026"}, "甲")

    in_threads([lambda at=at: change(at) for at in range(len(names))])
    assert told("券补贴").keys() >= set(names)
    numbers = [policy(name).revision for name in names]
    assert len(set(numbers)) == len(names)
    assert all(states(name) == ["replaced"] * 3 + ["current"] for name in names)


def in_threads(jobs: list[Callable[[], None]]) -> None:
    """Run all at once; the first error of any fails the test."""
    errors: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
