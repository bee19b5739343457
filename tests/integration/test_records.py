"""What was answered and why: kept without ever failing an answer, rated by its follower, gone with him."""

from collections import Counter
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.commands.question import question as command
from conversations import followers
from conversations.models import Follower
from core.clock import now
from core.db import get_engine, transaction
from knowledge.errors import KnowledgeUnavailable, NotPossible
from knowledge.faq.models import Faq, FaqState
from knowledge.records import questions, retention, service
from knowledge.records.explanation import Candidate, Chosen, Explanation, Rewritten, Verdict
from knowledge.records.models import AnswerRecord, OpenQuestion, QuestionState, Rating, Reason
from knowledge.rewrite.change import Change, Kind
from tests.knowledge import HashEncoder

ASKED = "光伏发电怎么补贴"


@pytest.fixture(autouse=True)
def model(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "get_encoder", HashEncoder)


def explanation(question: str = ASKED, verdict: Verdict = Verdict.ANSWERED, **more: Any) -> Explanation:
    values: dict[str, Any] = {
        "rewritten": Rewritten(question),
        "confidence": 0.9,
        "revision": 7,
        "encoder": "hash",
        "follower_id": 1,
    }
    return Explanation(question, verdict, **{**values, **more})


def open_questions() -> list[tuple[str, int, Reason]]:
    return [(row.text, row.count, row.reason) for row in questions.listing(100)]


def add_pair() -> int:
    with transaction() as session:
        pair = Faq(answer="答", owner="科室", source_note="文件", state=FaqState.PUBLISHED, created_by="甲", revision=1)
        session.add(pair)
        session.flush()
        return pair.id


def test_a_record_says_what_was_answered_and_why() -> None:
    kept = service.keep(
        explanation(
            turn_id=3,
            rewritten=Rewritten("光伏发电怎么补贴", (Change(Kind.SPELLING, "光付", "光伏"),)),
            confidence=np.float32(0.5),
            candidates=[Candidate("sun", "光伏办法", np.float32(3), np.float32(0.5), np.float32(1))],
            chosen=[Chosen("sun", ("每度补0.1元。",))],
        )
    )
    record = service.explain(kept)
    assert record is not None
    assert record.rewritten["changes"] == [{"kind": "spelling", "said": "光付", "meant": "光伏"}]
    assert record.candidates == [{"policy_id": "sun", "title": "光伏办法", "lexical": 3.0, "dense": 0.5, "score": 1.0}]
    assert record.chosen == [{"policy_id": "sun", "passages": ["每度补0.1元。"]}]
    assert (record.turn_id, record.verdict, record.confidence, record.rating) == (3, Verdict.ANSWERED, 0.5, None)
    assert service.explain(kept + 1) is None
    assert open_questions() == []


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_was_asked_in_vain_is_open(verdict: Verdict) -> None:
    service.keep(explanation(verdict=verdict))
    in_vain = verdict in (Verdict.REFUSED, Verdict.LEFT_OPEN, Verdict.LAPSED)
    assert open_questions() == ([(ASKED, 1, Reason.UNANSWERED)] if in_vain else [])


def test_a_pair_counts_how_often_it_is_told() -> None:
    number = add_pair()
    for _ in range(2):
        service.keep(explanation(verdict=Verdict.FAQ, faq_id=number))
    with transaction() as session:
        assert session.get_one(Faq, number).hits == 2


def test_an_answer_does_not_fail_because_it_cannot_be_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logged: list[str] = []
    logger = SimpleNamespace(warning=lambda event, **facts: logged.append(f"{event} {facts}"))
    monkeypatch.setattr(service, "log", logger)
    with transaction() as session:
        session.execute(delete(AnswerRecord))
    AnswerRecord.__table__.drop(get_engine())  # type: ignore[attr-defined]
    assert service.keep(explanation("我的电话13812345678")) == 0
    assert len(logged) == 1
    assert "answer not recorded" in logged[0]
    assert "1381234" not in logged[0]

    def no_model() -> HashEncoder:
        raise KnowledgeUnavailable("no model")

    monkeypatch.setattr(questions, "get_encoder", no_model)
    assert service.keep(explanation(verdict=Verdict.REFUSED)) == 0


def test_only_the_follower_who_was_answered_rates_and_his_last_word_counts() -> None:
    kept = service.keep(explanation())
    assert not service.rate(kept, 2, useful=False)
    assert not service.rate(kept + 1, 1, useful=False)
    ratings = []
    for useful in (False, False, True, False):
        assert service.rate(kept, 1, useful)
        record = service.explain(kept)
        assert record is not None and record.rated_at is not None
        ratings.append((record.rating, open_questions()))
    useless = (Rating.USELESS, [(ASKED, 1, Reason.USELESS)])
    assert ratings == [useless, useless, (Rating.USEFUL, []), useless]


def test_withdrawing_a_rating_leaves_those_of_others() -> None:
    first, second = service.keep(explanation()), service.keep(explanation(follower_id=2))
    service.rate(first, 1, useful=False)
    service.rate(second, 2, useful=False)
    service.rate(first, 1, useful=True)
    assert open_questions() == [(ASKED, 1, Reason.USELESS)]


def test_a_refusal_counts_once_however_it_is_rated() -> None:
    kept = service.keep(explanation(verdict=Verdict.REFUSED))
    for useful in (False, True):
        service.rate(kept, 1, useful)
        assert open_questions() == [(ASKED, 1, Reason.UNANSWERED)]


def test_open_questions_name_nobody() -> None:
    service.keep(explanation("我电话13812345678,光伏怎么补", Verdict.REFUSED))
    assert open_questions() == [("我电话138****5678,光伏怎么补", 1, Reason.UNANSWERED)]


def test_the_latest_answer_of_a_follower() -> None:
    assert service.latest_of(1) is None
    service.keep(explanation("一"))
    service.keep(explanation("二"))
    service.keep(explanation("三", follower_id=2))
    latest = service.latest_of(1)
    assert latest is not None
    assert latest.question == "二"


def test_a_follower_who_leaves_takes_his_records_along() -> None:
    with transaction() as session:
        follower = Follower(openid="o-a")
        session.add(follower)
    own = service.keep(explanation("我的电话13812345678", Verdict.REFUSED, follower_id=follower.id))
    other = service.keep(explanation(follower_id=follower.id + 1))
    with transaction() as session:
        followers.forget(session, session.get_one(Follower, follower.id))
    assert service.explain(own) is None
    assert service.explain(other) is not None
    assert len(open_questions()) == 1


def test_old_records_are_deleted() -> None:
    at = now()
    old, young = (
        service.keep(explanation(asked_at=at - retention.KEPT + shift)) for shift in (-timedelta(1), timedelta(1))
    )
    assert retention.prune(at - retention.KEPT) == 1
    assert service.explain(old) is None
    assert service.explain(young) is not None


def test_a_question_seen_to_opens_anew_when_it_is_asked_again() -> None:
    pair = add_pair()
    service.keep(explanation(verdict=Verdict.REFUSED))
    (first,) = questions.listing(1)
    with pytest.raises(NotPossible, match="no pair 999"):
        questions.close(first.id, "甲", 999)
    questions.close(first.id, "甲", pair)
    with pytest.raises(NotPossible, match="not open"):
        questions.close(first.id, "甲")
    assert open_questions() == []
    service.keep(explanation(verdict=Verdict.REFUSED))
    assert open_questions() == [(ASKED, 1, Reason.UNANSWERED)]
    with transaction() as session:
        done = session.get_one(OpenQuestion, first.id)
        assert (done.state, done.done_by, done.faq_id) == (QuestionState.DONE, "甲", pair)


def test_a_question_closed_in_the_same_moment_opens_anew() -> None:
    service.keep(explanation(verdict=Verdict.REFUSED))
    met = questions.meet(ASKED, Reason.UNANSWERED)
    (first,) = questions.listing(1)
    assert met.same_as == first.id
    questions.close(first.id, "甲")
    with transaction() as session:
        assert questions.count(session, met, now()) != first.id


def test_vectors_of_another_model_are_never_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    service.keep(explanation(verdict=Verdict.REFUSED))
    monkeypatch.setattr(HashEncoder, "name", "other")
    service.keep(explanation(verdict=Verdict.REFUSED))
    assert [count for _text, count, _reason in open_questions()] == [1, 1]


# Each of these shares no pair of characters with the others; its variants differ in a sign that is no word.
SUBJECTS = ("光伏发电怎么补贴", "出口退税何时到账", "孵化器租金减免", "残保金缴纳比例")
ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from(SUBJECTS), st.sampled_from(["", "?", "。"]), st.sampled_from(list(Reason)), st.integers(0, 99)
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARRIVALS)
def test_counts_add_up_whatever_the_order(arrivals: list[tuple[str, str, Reason, int]]) -> None:
    start = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    with transaction() as session:
        session.execute(delete(OpenQuestion))
    for subject, sign, reason, minutes in arrivals:
        met = questions.meet(subject + sign, reason)
        with transaction() as session:
            questions.count(session, met, start + timedelta(minutes=minutes))
    with transaction() as session:
        rows = session.scalars(select(OpenQuestion)).all()
    counts = {(row.text.rstrip("?。"), row.reason): row.count for row in rows}
    assert len(counts) == len(rows)  # each is told once
    assert counts == Counter((subject, reason) for subject, _sign, reason, _minutes in arrivals)
    for row in rows:
        at = [start + timedelta(minutes=m) for s, _, r, m in arrivals if (s, r) == (row.text.rstrip("?。"), row.reason)]
        assert (row.first_asked_at, row.last_asked_at) == (min(at), max(at))


def run(*arguments: str, fails: bool = False) -> str:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == fails, result.output
    return "".join(line for line in result.output.splitlines(keepends=True) if "[info" not in line)  # not the log


def test_the_command_lists_explains_and_closes() -> None:
    kept = service.keep(
        explanation(
            "打13812345678问光伏",
            Verdict.LEFT_OPEN,
            candidates=[Candidate("sun", "光伏办法", 3, 0.5, 1)],
            chosen=[Chosen("sun", ("每度补0.1元。",))],
        )
    )
    assert "138****5678" in run("list")
    explained = run("explain", str(kept))
    assert "138****5678" in explained and "13812345678" not in explained
    for part in ("left_open", "confidence 0.90", "sun  光伏办法", "sun: 每度补0.1元。", "rated       not"):
        assert part in explained
    assert "no record 999" in run("explain", "999", fails=True)
    (row,) = questions.listing(1)
    assert "no pair 5" in run("close", str(row.id), "--by", "甲", "--faq", "5", fails=True)
    run("close", str(row.id), "--by", "甲")
    assert run("list") == "0 open\n"
