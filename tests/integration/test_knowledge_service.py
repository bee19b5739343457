"""Ingest, index, search and answer over real databases; only the embedding model is played."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from app.commands.knowledge import knowledge
from core import clock
from core.db import transaction
from knowledge import answering, catalogue, evaluation, refusal, service, versions
from knowledge import search as finding
from knowledge.catalogue import Outcome
from knowledge.faq import matching
from knowledge.models import Policy
from knowledge.records import questions
from knowledge.service import Filters, KnowledgeUnavailable
from tests.knowledge import HashEncoder, write_sheet, write_sheets


@pytest.fixture(autouse=True)
def model(database: str, configure: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    configure(TONGQI_ALLOW_CLOCK="1")
    for module in (catalogue, finding, evaluation, versions, answering, matching, questions):
        monkeypatch.setattr(module, "get_encoder", HashEncoder)


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    return write_sheets(tmp_path, "中小企业服务券")


def found(question: str) -> list[str]:
    return [source.policy_id for source in service.search(question)]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(knowledge, arguments)


def test_ingesting_again_changes_nothing_and_a_change_is_seen(sheets: Path) -> None:
    assert len(service.ingest([sheets]).outcomes[Outcome.NEW]) == 2
    assert len(service.ingest([sheets]).outcomes[Outcome.UNCHANGED]) == 2
    write_sheet(sheets, "award", "评上示范基地奖励30万元。", title="示范基地奖励")
    assert service.ingest([sheets]).outcomes[Outcome.CHANGED] == ["award"]
    assert service.search("示范基地奖励")[0].passage == "评上示范基地奖励30万元。"


def test_a_changed_policy_is_not_cited_by_its_old_text_before_the_index_knows_it(
    sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal, "THRESHOLD", 0.0)  # the played model is no measure of what fits
    service.ingest([sheets])
    assert "20万元" in service.answer("示范基地奖励多少").text
    write_sheet(sheets, "award", "奖励已取消。", title="示范基地奖励")
    service.ingest([sheets])
    assert "20万元" not in service.answer("示范基地奖励多少").text
    assert "20万元" not in str(service.search("示范基地奖励"))


def test_filters_leave_out_and_the_askers_kind_of_company_prefers(sheets: Path) -> None:
    twin = {"title": "示范基地奖励", "audience": "个体工商户", "category": "奖励资金", "level": "通州区"}
    write_sheet(sheets, "twin", "评上示范基地奖励20万元。", **twin)
    service.ingest([sheets])

    def ids(filters: Filters) -> list[str]:
        return [source.policy_id for source in service.search("示范基地奖励", filters=filters)]

    assert ids(Filters(category="奖励资金")) == ids(Filters(level="通州区")) == ["twin"]
    assert ids(Filters(category="奖励资金", level="国家")) == []
    one, other = (
        finding.search("示范基地奖励", filters=Filters(company=(kind,))).hits for kind in ("个体工商户", "制造业")
    )
    scores = [{hit.policy.id: hit.score for hit in hits}["twin"] for hits in (one, other)]
    assert scores[0] - scores[1] == pytest.approx(finding.FITTING)


def test_a_wrong_file_is_named_and_the_others_are_imported(sheets: Path) -> None:
    write_sheet(sheets, "wrong", "正文。", status="有效")
    (sheets / "copy.md").write_text((sheets / "award.md").read_text("utf-8"), "utf-8")
    report = service.ingest([sheets, sheets / "absent.md", sheets / "table.odt"])
    assert len(report.outcomes[Outcome.NEW]) == 2
    assert sorted(line.split(": ")[0].rsplit("/")[-1] for line in report.errors) == [
        "absent.md",
        "copy.md",
        "table.odt",
        "wrong.md",
    ]


def test_what_is_not_in_force_is_in_no_answer_from_that_moment(sheets: Path) -> None:
    write_sheet(sheets, "old", "旧券补贴50%。", title="中小企业服务券旧办法", status="已失效")
    write_sheet(sheets, "ends", "特别券补贴40%。", title="中小企业服务券特别办法", expires="2026-11")
    write_sheet(sheets, "next", "新券补贴60%。", title="中小企业服务券新办法", effective="2027")
    service.ingest([sheets])
    clock.set_clock(datetime(2026, 11, 30, 23, 59))
    assert set(found("中小企业服务券")) == {"voucher", "award", "ends"}
    clock.set_clock(datetime(2026, 12, 1, 0, 1))
    assert set(found("中小企业服务券")) == {"voucher", "award"}
    clock.set_clock(datetime(2027, 1, 1, 0, 1))
    assert set(found("中小企业服务券")) == {"voucher", "award", "next"}
    with transaction() as session:
        session.execute(update(Policy).where(Policy.id == "voucher").values(enabled=False))
    assert set(found("中小企业服务券")) == {"award", "next"}
    service.ingest([sheets])
    assert "voucher" not in found("中小企业服务券")


def test_without_policies_or_with_another_model_the_message_says_what_to_run(
    sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KnowledgeUnavailable, match="knowledge ingest"):
        service.answer("服务券补多少")
    with pytest.raises(KnowledgeUnavailable, match="knowledge ingest"):
        service.ready()
    service.ingest([sheets])
    service.ready()

    class Another(HashEncoder):
        name = "another"

    for module in (catalogue, finding, answering):
        monkeypatch.setattr(module, "get_encoder", Another)
    finding.get_live.forget()
    with pytest.raises(KnowledgeUnavailable, match=r"no policy has vectors of another.*`index`"):
        service.answer("服务券补多少")
    assert service.build_index() == 2
    assert found("中小企业服务券")[0] == "voucher"
    assert service.build_index() == 0


def test_empty_and_endless_questions_are_answered(sheets: Path) -> None:
    service.ingest([sheets])
    assert service.answer("  \n").no_answer
    assert service.answer("?" * 100_000).no_answer
    assert service.search("") == []


def test_other_places_are_refused_by_name(sheets: Path) -> None:
    service.ingest([sheets])
    answer = service.answer("深圳的服务券补多少")
    assert answer.no_answer
    assert "深圳" in answer.text
    assert "人工" in answer.text


class TestLoan:
    """The loan's topics, over the shipped sheets."""

    @pytest.fixture(autouse=True)
    def _seed(self) -> None:
        assert not service.ingest(sorted(catalogue.SEED.rglob("*.md"))).errors
        clock.set_clock(datetime(2026, 11, 22, 12))

    def test_materials_come_from_the_guide_and_say_what_is_unknown(self) -> None:
        answer = service.answer("材料?", topic="loan_materials")
        assert not answer.no_answer
        for words in ("未见", "建议", "营业执照", "通州区人力社保局", "《创业担保贷款办理引导"):
            assert words in answer.text
        assert [source.policy_id for source in answer.sources] == ["cydbdk-guide"]

    def test_steps_come_from_the_guide(self) -> None:
        assert "5. 银行放款" in service.answer("怎么办", topic="loan_process").text

    def test_both_limits_are_told_where_the_rules_disagree(self) -> None:
        answer = service.answer("个人最多能贷多少", topic="loan_info")
        assert "50万元" in answer.text
        assert "30万元" in answer.text
        assert [source.policy_id for source in answer.sources][:2] == ["bj-cydbdk-2020-2682", "national-caijin-2023-75"]

    def test_the_guide_tells_nothing_of_a_document_that_was_switched_off(self) -> None:
        with transaction() as session:
            session.get_one(Policy, "bj-cydbdk-2020-2682").enabled = False
        answer = service.answer("个人最多能贷多少", topic="loan_info")
        assert "2682" not in answer.text
        assert "cydbdk-guide" not in [source.policy_id for source in answer.sources]

    def test_a_short_question_stays_within_the_loan(self) -> None:
        assert service.answer("期限", topic="loan_info").sources[0].policy_id.startswith(("bj-cydbdk", "national-"))

    def test_guides_are_in_no_general_search(self) -> None:
        assert "cydbdk-guide" not in found("创业担保贷款办理引导")


def test_commands_end_with_one_clear_line(sheets: Path, tmp_path: Path) -> None:
    write_sheet(sheets, "wrong", "正文。", status="有效")
    failed = run("search", "服务券")
    assert failed.exit_code == 1
    last = failed.output.splitlines()[-1]
    assert last == "Error: no policy has vectors of hash; run `tongqi knowledge ingest`, then `index`"
    failed = run("ingest", str(sheets))
    assert failed.exit_code == 1
    assert "2 new" in failed.output
    assert "wrong.md: status: " in failed.output
    assert run("ingest", str(tmp_path / "absent")).exit_code == 2
    assert run("search").exit_code == 2


def test_search_writes_the_rows_the_design_fixes(sheets: Path, tmp_path: Path) -> None:
    service.ingest([sheets])
    (tmp_path / "in.txt").write_text("中小企业服务券补贴多少\n\n红烧肉\n", "utf-8")
    done = run("search", "-k", "1", "--in", str(tmp_path / "in.txt"), "--out", str(tmp_path / "out.jsonl"))
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row["query"] for row in rows] == ["中小企业服务券补贴多少", "红烧肉"]
    assert set(rows[0]) == {"query", "no_answer", "answer", "sources"}
    assert set(rows[0]["sources"][0]) == {"policy_id", "title", "doc_no", "url", "status", "passage", "score"}
    assert rows[0]["sources"][0]["policy_id"] == "voucher"


def test_eval_measures_a_folder_with_its_own_documents(tmp_path: Path) -> None:
    documents = [
        {"_id": "a", "title": "服务券", "text": "补贴30%。"},
        {"_id": "b", "title": "示范基地", "text": "奖励。"},
    ]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)))
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "服务券补贴"}))
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n")
    rankings = evaluation.rank(evaluation.read_dataset(tmp_path))
    assert {name: next(iter(ranking["q"])) for name, ranking in rankings.items()} == dict.fromkeys(rankings, "a")
    done = run("eval", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "hybrid" in done.output
