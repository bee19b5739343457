"""From a question to its answer over real databases: what is told, what is not, and why; only the model is played."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from app.commands.knowledge import knowledge as command
from bot.actions.feedback import Complaint, Thanks
from bot.actions.loan import AnswerLoan
from bot.actions.policy import AnswerPolicy
from core import clock
from core.settings import Settings
from knowledge import answering, catalogue, refusal, service, versions
from knowledge import search as finding
from knowledge.faq import matching
from knowledge.faq import service as pairs
from knowledge.records import questions
from knowledge.records import service as records
from knowledge.records.explanation import Verdict
from knowledge.records.models import Rating, Reason
from knowledge.service import Asker
from tests.knowledge import HashEncoder, write_sheet
from tests.wording_stub import Endpoint, endpoint

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
VOUCHER = "中小企业服务券补贴多少"


@pytest.fixture(autouse=True)
def model(database: str, configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    configure(TONGQI_ALLOW_CLOCK="1")
    for module in (catalogue, finding, versions, answering, matching, pairs, questions):
        monkeypatch.setattr(module, "get_encoder", HashEncoder)
    monkeypatch.setattr(refusal, "THRESHOLD", 0.0)  # the played model is no measure of what fits
    clock.set_clock(datetime(2026, 11, 22, 12))


@pytest.fixture
def nothing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is found is not near enough."""
    monkeypatch.setattr(refusal, "THRESHOLD", 1.1)


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """Two documents that have nothing to do with each other."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    write_sheet(
        folder, "voucher", "服务券按合同金额的30%补贴,每家企业最高20万元。", title="中小企业服务券办法",
        doc_no="京经信〔2026〕8号", issuer=["北京市经济和信息化局"], level="北京市", effective="2026-01-01",
        expires="2026-12-31", source_url="https://www.beijing.gov.cn/voucher",
    )  # fmt: skip
    write_sheet(
        folder, "award", "评上示范基地奖励40万元。", title="示范基地奖励办法", source_url="https://example.com/award"
    )
    service.ingest([folder])
    return folder


def add(folder: Path, policy: str, body: str, **front: object) -> None:
    write_sheet(folder, policy, body, **front)
    report = service.ingest([folder])
    assert report.errors == []


def published(question: str, answer: str, **source: Any) -> int:
    number = pairs.draft([question], answer, "科室", "甲", **source)
    pairs.publish(number, "乙")
    return number


def test_an_answer_has_the_figure_its_source_and_an_official_link(sheets: Path) -> None:
    answer = service.answer(VOUCHER)
    assert answer.text.splitlines() == [
        "服务券按合同金额的30%补贴,每家企业最高20万元。",
        "",
        "依据：《中小企业服务券办法》（京经信〔2026〕8号，北京市经济和信息化局），2026年1月1日起执行，到2026年12月31日为止",
        "https://www.beijing.gov.cn/voucher",
    ]
    assert "example.com" not in service.answer("示范基地奖励多少").text


@ONE_DATABASE
def test_limits_that_disagree_are_both_told_with_their_dates(tmp_path: Path) -> None:
    write_sheet(
        tmp_path, "beijing", "个人上限50万元。", title="北京创业担保贷款通知", category="创业担保贷款", level="北京市",
        issued="2020-12-29", compare_with=["national"],
    )  # fmt: skip
    write_sheet(
        tmp_path, "national", "个人上限30万元。", title="国家创业担保贷款贴息办法", category="创业担保贷款",
        level="国家", effective="2023-10-01", compare_with=["beijing"],
    )  # fmt: skip
    service.ingest([tmp_path])
    for place in ("北京", "国家"):
        text = service.answer(f"{place}创业担保贷款个人上限多少").text
        for part in ("50万元", "2020年12月29日发布", "30万元", "2023年10月1日起执行", "说法不同"):
            assert part in text
    text = service.answer("听说北京创业担保贷款个人上限90万元对吧").text
    assert text.startswith("您说的“90万元”，我查到的文件里没有。")
    assert "50万元" in text
    assert "30万元" in text
    assert "30万元，我" not in service.answer("听说北京创业担保贷款个人上限30万元对吧").text  # the state's rule has it


@ONE_DATABASE
@pytest.mark.usefixtures("nothing_fits")
def test_where_nothing_fits_it_says_so_and_shows_the_closest_topics(sheets: Path) -> None:
    answer = service.answer(VOUCHER)
    assert (answer.no_answer, answer.sources) == (True, [])
    assert answer.text.startswith(answering.NOTHING)
    assert "人工" in answer.text
    assert "30%" not in answer.text
    assert answer.choices[0].title == "中小企业服务券办法"
    assert [(row.text, row.reason) for row in questions.listing(9)] == [(VOUCHER, Reason.UNANSWERED)]


@ONE_DATABASE
@pytest.mark.usefixtures("nothing_fits")
def test_where_only_something_expired_speaks_of_it_it_says_so(sheets: Path) -> None:
    add(sheets, "old", "孵化器每家补贴60万元。", title="孵化器补贴办法", expires="2025-12-31")
    answer = service.answer("孵化器补贴办法每家补贴多少")
    assert answer.text.startswith(answering.LAPSED)
    assert "60万元" not in answer.text
    assert service.explain("孵化器补贴办法每家补贴多少").explanation.verdict is Verdict.LAPSED


OLD = {"title": "孵化器补贴办法", "doc_no": "通政发〔2019〕3号", "issued": "2019-01-01"}
NEW = {"title": "孵化器提升扶持办法", "issued": "2025-12-01", "effective": "2026-01-01", "replaces": ["old"]}
ABOUT_OLD = "孵化器补贴办法每家补贴多少"


@ONE_DATABASE
def test_a_superseded_policy_points_to_its_successor(sheets: Path) -> None:
    add(sheets, "old", "孵化器每家补贴60万元。", **OLD)
    assert "60万元" in service.answer(ABOUT_OLD).text
    add(sheets, "new", "提升后每个载体扶持75万元。", **NEW)
    answer = service.answer(ABOUT_OLD)
    assert answer.text.startswith(f"{answering.REPLACES}\n提升后每个载体扶持75万元。")
    assert "60万元" not in answer.text
    assert [source.policy_id for source in answer.sources] == ["new"]
    add(
        sheets, "newest", "现行每个载体扶持90万元。", title="载体扶持新规", issued="2026-05-01", effective="2026-06-01",
        replaces=["new"],
    )  # fmt: skip
    assert "90万元" in service.answer(ABOUT_OLD).text  # the successor's successor


@ONE_DATABASE
def test_a_successor_is_named_even_where_it_does_not_answer(sheets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(sheets, "old", "孵化器每家补贴60万元。", **OLD)
    add(sheets, "new", "提升后每个载体扶持75万元。", **NEW)
    monkeypatch.setattr(refusal, "THRESHOLD", 1.1)
    answer = service.answer(ABOUT_OLD)
    assert answer.text.startswith("这方面原来的规定已经由《孵化器提升扶持办法》代替")
    assert answer.choices[0].title == "孵化器提升扶持办法"


@ONE_DATABASE
def test_a_successor_that_is_switched_off_is_not_told(sheets: Path) -> None:
    add(sheets, "old", "孵化器每家补贴60万元。", **OLD)
    add(sheets, "new", "提升后每个载体扶持75万元。", **NEW)
    versions.set_enabled("new", False, "甲")
    text = service.answer(ABOUT_OLD).text
    assert "75万元" not in text
    assert answering.REPLACES not in text
    assert "60万元" in text  # what it would have replaced holds again


@ONE_DATABASE
def test_what_is_sure_neither_way_names_whom_to_ask(sheets: Path) -> None:
    add(
        sheets,
        "unsure",
        "孵化器每家补贴60万元。",
        title="孵化器补贴办法",
        status="不确定",
        issuer=["通州区科委"],
        level="通州区",
    )
    assert service.answer(ABOUT_OLD).text.endswith("我不能确定，办理前请向通州区科委核实。")


@ONE_DATABASE
def test_a_gap_that_the_document_admits_is_admitted(sheets: Path) -> None:
    add(sheets, "gap", "对获评孵化器给予称号。孵化器奖励金额来源未说明。", title="孵化器认定办法")
    answer = service.answer("孵化器奖励金额多少钱")
    assert answer.no_answer
    assert answer.text.startswith("《孵化器认定办法》没有写明这一点")
    assert [source.policy_id for source in answer.sources] == ["gap"]


def test_a_reviewed_pair_comes_before_the_documents(sheets: Path) -> None:
    number = published(VOUCHER, "每家企业最高20万元,先到先得。", source_policy_id="voucher", source_note="科室口径")
    answer = service.answer(VOUCHER)
    assert answer.text.startswith("每家企业最高20万元,先到先得。\n\n依据：《中小企业服务券办法》")
    assert "科室口径" in answer.text
    assert [source.policy_id for source in answer.sources] == ["voucher"]
    record = records.explain(answer.record)
    assert record is not None
    assert (record.verdict, record.faq_id) == (Verdict.FAQ, number)
    versions.set_enabled("voucher", False, "甲")
    assert "先到先得" not in service.answer(VOUCHER).text


def test_everything_an_answer_came_from_is_kept(sheets: Path) -> None:
    answer = service.answer("服务卷补多少", asker=Asker(turn_id=3, follower_id=1))
    record = records.explain(answer.record)
    assert record is not None
    assert (record.turn_id, record.follower_id, record.question) == (3, 1, "服务卷补多少")
    assert [change["meant"] for change in record.rewritten["changes"]] == ["服务券"]
    assert record.candidates[0]["policy_id"] == "voucher"
    assert record.candidates[0]["lexical"] > 0
    assert record.candidates[0]["dense"] > 0
    assert record.chosen == [{"policy_id": "voucher", "passages": ["服务券按合同金额的30%补贴,每家企业最高20万元。"]}]
    assert (record.encoder, record.revision) == ("hash", finding.get_live().revision)
    assert record.verdict is Verdict.ANSWERED


def test_what_asks_nothing_is_kept_nowhere(sheets: Path) -> None:
    for words in ("", "  \n", "???", "!"):
        answer = service.answer(words)
        assert (answer.text, answer.record) == (answering.EMPTY, 0)
    assert questions.listing(9) == []


def chat(action: Any, words: str, *before: str, intent: str = "policy_question", entities: Any = ()) -> dict[str, Any]:
    """What the chat says to a message after others, as rasa_sdk asks the action."""
    message = {"text": words, "intent": {"name": intent}, "metadata": {"turn": 5}, "entities": list(entities)}
    events = [{"event": "user", "text": text, "parse_data": {"text": text}} for text in (*before, words)]
    say = CollectingDispatcher()
    asyncio.run(action.run(say, Tracker("1.1", {}, message, events, False, None, {}, None), {}))
    (said,) = say.messages
    said["text"] = said["text"].replace("\n \n", "\n\n") if said["text"] else ""
    return dict(said)


def on_the_command_line(words: str, *before: str) -> dict[str, Any]:
    options = [option for text in before for option in ("--before", text)]
    done = CliRunner().invoke(command, ["search", "--json", "--explain", *options, words])
    assert done.exit_code == 0, done.output
    row: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return row


@pytest.mark.parametrize("before", [(), ("示范基地奖励多少",), ("示范基地奖励多少", VOUCHER)])
@pytest.mark.parametrize("words", [VOUCHER, "到什么时候", "那最高多少呢", "听说补50%对吧", "深圳的呢"])
def test_the_chat_and_the_command_line_say_the_same(sheets: Path, words: str, before: tuple[str, ...]) -> None:
    row = on_the_command_line(words, *before)
    said = chat(AnswerPolicy(), words, *before)
    assert said["text"] == row["answer"]
    cited = [source["policy_id"] for source in said["custom"]["sources"]]
    assert [source["policy_id"] for source in row["sources"]][: len(cited)] == cited
    kept = records.latest_of(1)
    assert kept is not None
    explained = row["explanation"]
    assert (kept.verdict, kept.rewritten["text"]) == (explained["verdict"], explained["rewritten"]["text"])
    assert [one["policy_id"] for one in kept.candidates] == [one["policy_id"] for one in explained["candidates"]]


@ONE_DATABASE
def test_a_loan_question_that_names_the_loan_is_answered_alike_everywhere(sheets: Path) -> None:
    service.ingest([catalogue.SEED / "loan_guide.md", *sorted((catalogue.SEED / "policies").glob("*cydbdk*.md"))])
    service.ingest(sorted((catalogue.SEED / "policies").glob("national-*.md")))
    for words, intent in (("创业担保贷款能贷多少", "loan_info"), ("办创业担保贷款要什么材料", "loan_materials")):
        assert chat(AnswerLoan(), words, intent=intent)["text"] == on_the_command_line(words)["answer"]
    assert "服务券" in chat(AnswerLoan(), "服务券要什么材料", intent="loan_materials")["text"]  # it was misunderstood
    assert "营业执照" in chat(AnswerLoan(), "要什么材料", intent="loan_materials")["text"]
    assert "营业执照" not in chat(AnswerLoan(), "要什么材料", VOUCHER, intent="loan_materials")["text"]


@ONE_DATABASE
def test_a_follow_up_leans_on_the_turn_before(sheets: Path) -> None:
    for before, policy in (("示范基地奖励多少", "award"), (VOUCHER, "voucher")):
        explained = service.explain("那什么时候截止呢", asker=Asker(before=(before,))).explanation
        assert explained.candidates[0].policy_id == policy
        assert [change.said for change in explained.rewritten.changes] == [before]


@ONE_DATABASE
def test_what_goes_on_from_a_question_is_answered_and_nothing_else(sheets: Path) -> None:
    asker = Asker(before=(VOUCHER,), follower_id=1)
    found = service.follow_up("那什么时候截止呢", asker)
    assert found is not None
    assert found.sources[0].policy_id == "voucher"
    assert records.latest_of(1).question == "那什么时候截止呢"
    assert service.follow_up("示范基地奖励多少", asker) is None  # stands alone
    assert service.follow_up("红烧肉怎么做呢", asker) is None
    assert records.latest_of(1).question == "那什么时候截止呢"


@ONE_DATABASE
def test_ratings_and_questions_without_an_answer_are_collected_with_counts(
    sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = chat(AnswerPolicy(), VOUCHER)
    assert [button["title"] for button in said["buttons"]] == ["有用", "没用"]
    for button, action, rating in zip(
        said["buttons"], (Thanks(), Complaint()), (Rating.USEFUL, Rating.USELESS), strict=True
    ):
        intent, _, values = button["payload"].removeprefix("/").partition("{")
        entities = [{"entity": name, "value": value} for name, value in json.loads("{" + values).items()]
        chat(action, button["payload"], intent=intent, entities=entities)
        kept = records.latest_of(1)
        assert kept is not None
        assert kept.rating is rating
    monkeypatch.setattr(refusal, "THRESHOLD", 1.1)
    for _ in range(3):
        chat(AnswerPolicy(), "孵化器有啥政策")
    assert [(row.text, row.count, row.reason) for row in questions.listing(9)] == [
        ("孵化器有啥政策", 3, Reason.UNANSWERED),
        (VOUCHER, 1, Reason.USELESS),
    ]


@pytest.fixture
def wording_model(configure: Callable[..., Settings]) -> Iterator[Endpoint]:
    """An endpoint that may word the answers."""
    with endpoint() as stub:
        configure(LLM_BASE_URL=stub.url, LLM_API_KEY="sk-key", LLM_TIMEOUT="5")
        yield stub


@ONE_DATABASE
def test_an_endpoint_words_the_answer_and_the_source_stays(sheets: Path, wording_model: Endpoint) -> None:
    wording_model.says = "服务券能补合同金额的30%，一家企业最多20万元。"
    text = service.answer(VOUCHER).text
    assert text.startswith(f"{wording_model.says}\n\n依据：《中小企业服务券办法》")
    assert "服务券按合同金额的30%补贴" in wording_model.asked[0]["messages"][1]["content"]


@ONE_DATABASE
@pytest.mark.parametrize("fault", [{"says": "能补50%。"}, {"status": 500}, {"says": b"garbage"}])
def test_whatever_the_endpoint_does_the_extract_is_sent(
    sheets: Path, wording_model: Endpoint, fault: dict[str, Any]
) -> None:
    for name, value in fault.items():
        setattr(wording_model, name, value)
    assert service.answer(VOUCHER).text.startswith("服务券按合同金额的30%补贴,每家企业最高20万元。\n\n依据")
    assert len(wording_model.asked) == 1
