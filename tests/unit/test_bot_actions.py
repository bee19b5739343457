"""The actions, asked as rasa_sdk asks them; the services behind them are played."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import feedback, people, policy
from bot.actions.base import SORRY, ServiceAction
from bot.actions.booking import BookingCreate
from bot.actions.choices import choices
from bot.actions.feedback import NOT_NOTED, Complaint, Thanks
from bot.actions.loan import AnswerLoan
from bot.actions.out_of_scope import ASK_BACK, OfferChoices
from bot.actions.people import OpenTicket
from bot.actions.policy import ASK_FOR_WORDS, UNAVAILABLE, AnswerPolicy
from bot.client import EMPTY_LINE, RASA_EMPTY_LINE
from core.clock import now
from knowledge.service import Asker, Choice, KnowledgeUnavailable


@dataclass
class Found:
    """As much of an answer as the actions use."""

    text: str
    no_answer: bool = False
    sources: tuple[()] = ()
    choices: tuple[Choice, ...] = ()
    record: int = 0


class Knowledge:
    """Stands where the knowledge base stands: gives or raises what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.askers: list[Asker] = []
        self.gives: Found | Exception = Found("《甲》:百分之二")

    def answer(self, question: str, topic: str | None, asker: Asker) -> Found:
        self.asked.append((question, topic))
        self.askers.append(asker)
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives

    def follow_up(self, question: str, asker: Asker) -> Found | None:
        found = self.answer(question, None, asker)
        return None if found.no_answer else found


@pytest.fixture
def knowledge(monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    stand_in = Knowledge()
    monkeypatch.setattr(policy.service, "answer", stand_in.answer)
    monkeypatch.setattr(policy.service, "follow_up", stand_in.follow_up)
    return stand_in


def run(
    action: ServiceAction, text: str, intent: str = "policy_question", before: str = "help", **latest: Any
) -> list[dict[str, Any]]:
    """What the action says to a message; `before` is the intent of the one before."""
    message = {"text": text, "intent": {"name": intent}, "metadata": {"turn": 5}, **latest}
    earlier = {"event": "user", "text": "有人管吗", "parse_data": {"text": "有人管吗", "intent": {"name": before}}}
    events = [earlier, {"event": "bot"}, {"event": "user", "text": text}]
    say = CollectingDispatcher()
    asyncio.run(action.run(say, Tracker("7.1", {}, message, events, False, None, {}, None), {}))
    return list(say.messages)


def payload(question: str) -> dict[str, Any]:
    return {"entities": [{"entity": "question", "value": question}]}


def test_a_policy_answer_comes_with_its_sources(knowledge: Knowledge) -> None:
    (said,) = run(AnswerPolicy(), "首贷贴息多少")
    assert (said["text"], said["custom"]) == ("《甲》:百分之二", {"sources": []})
    assert knowledge.asked == [("首贷贴息多少", None)]


def test_who_asks_and_what_he_said_before_goes_along(knowledge: Knowledge) -> None:
    run(AnswerPolicy(), "那个体户呢")
    assert knowledge.askers == [Asker(before=("有人管吗",), turn_id=5, follower_id=7)]


def test_an_answer_can_be_rated(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    knowledge.gives = Found("上限50万元。", record=12)
    (said,) = run(AnswerPolicy(), "能贷多少")
    assert [button["title"] for button in said["buttons"]] == ["有用", "没用"]
    rated: list[tuple[int, int, bool]] = []
    monkeypatch.setattr(feedback.records, "rate", lambda *given: rated.append(given) is None)
    entity = {"entities": [{"entity": "record", "value": "12"}]}
    for button, action in zip(said["buttons"], (Thanks(), Complaint()), strict=True):
        intent = button["payload"].partition("{")[0].removeprefix("/")
        assert "记下了" in run(action, button["payload"], intent, **entity)[0]["text"]
    assert rated == [(12, 7, True), (12, 7, False)]


RATED = {"entities": [{"entity": "record", "value": "12"}]}


def test_who_found_an_answer_useless_is_offered_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback.records, "rate", lambda *_given: True)
    (said,) = run(Complaint(), '/complaint{"record": "12"}', "complaint", **RATED)
    assert [button["payload"] for button in said["buttons"]] == ["/human"]
    assert "人工" in said["text"]


def test_a_rating_that_is_not_noted_is_not_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_given: object) -> bool:
        raise KnowledgeUnavailable("no model")

    monkeypatch.setattr(feedback.records, "rate", gone)
    assert run(Complaint(), '/complaint{"record": "12"}', "complaint", **RATED)[0]["text"] == NOT_NOTED
    monkeypatch.setattr(feedback.records, "rate", lambda *_given: False)  # somebody else's, or long gone
    assert run(Thanks(), '/thanks{"record": "12"}', "thanks", **RATED)[0]["response"] == "utter_thanks"


def test_thanks_and_complaints_about_no_answer_are_answered_as_such() -> None:
    assert run(Thanks(), "谢谢", "thanks")[0]["response"] == "utter_thanks"
    assert run(Complaint(), "投诉", "complaint")[0]["response"] == "utter_complaint"


def test_where_there_is_no_answer_the_closest_topics_and_a_person_can_be_picked(knowledge: Knowledge) -> None:
    knowledge.gives = Found("没有。", no_answer=True, choices=(Choice("首贷贴息", "首次贷款贴息办法"),), record=3)
    (said,) = run(AnswerPolicy(), "那个贴")
    assert [button["payload"] for button in said["buttons"]] == [
        '/policy_question{"question": "首次贷款贴息办法"}',
        "/human",
    ]


def test_an_answer_of_two_paragraphs_stays_one_message(knowledge: Knowledge) -> None:
    knowledge.gives = Found("上限300万元。\n\n依据:《甲》")
    (said,) = run(AnswerPolicy(), "首贷贴息多少")
    assert "\n\n" not in said["text"]  # Rasa would cut here
    assert said["text"].replace(RASA_EMPTY_LINE, EMPTY_LINE) == knowledge.gives.text


def test_what_was_asked_by_a_choice_counts_among_what_was_said_before(knowledge: Knowledge) -> None:
    picked = '/policy_question{"question": "首次贷款贴息办法"}'
    events = [
        {"event": "user", "text": "那个贴", "parse_data": {"text": "那个贴", "entities": []}},
        {"event": "user", "text": picked, "parse_data": {"text": picked, **payload("首次贷款贴息办法")}},
        {"event": "user", "text": '/thanks{"record": "3"}', "parse_data": {"text": '/thanks{"record": "3"}'}},
        {"event": "user", "text": "要什么材料"},
    ]
    message = {"text": "要什么材料", "intent": {"name": "policy_question"}}
    tracker = Tracker("7.1", {}, message, events, False, None, {}, None)
    asyncio.run(AnswerPolicy().run(CollectingDispatcher(), tracker, {}))
    assert knowledge.askers[0].before == ("那个贴", "首次贷款贴息办法")


def test_a_picked_choice_answers_the_words_before_it(knowledge: Knowledge) -> None:
    run(AnswerPolicy(), '/policy_question{"question": "首贷"}', **payload("首贷"))
    assert knowledge.asked == [("首贷", None)]


def test_a_picked_policy_choice_without_words_asks_for_them(knowledge: Knowledge) -> None:
    (said,) = run(AnswerPolicy(), "/policy_question")
    assert (said["text"], knowledge.asked) == (ASK_FOR_WORDS, [])


@pytest.mark.parametrize("intent", ["loan_info", "loan_materials", "loan_process"])
def test_a_loan_question_is_looked_up_under_its_topic(knowledge: Knowledge, intent: str) -> None:
    run(AnswerLoan(), "材料?", intent)
    run(AnswerLoan(), f"/{intent}", intent)
    assert knowledge.asked[0] == ("材料?", intent)
    assert "创业担保贷款" in knowledge.asked[1][0]


def test_without_the_knowledge_base_the_action_says_so(knowledge: Knowledge) -> None:
    knowledge.gives = KnowledgeUnavailable("no index")
    (said,) = run(AnswerPolicy(), "首贷贴息多少")
    assert said["text"] == UNAVAILABLE
    assert "人工" in UNAVAILABLE


def test_a_failing_action_takes_back_what_it_said_and_apologises(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_done(say: CollectingDispatcher, _found: object) -> None:
        say.utter_message(text="已经办好了")
        raise RuntimeError("not at all")

    monkeypatch.setattr(policy, "say_answer", half_done)
    assert [said["text"] for said in run(AnswerPolicy(), "办")] == [SORRY]


def ranking(*intents: str) -> dict[str, Any]:
    return {"intent_ranking": [{"name": name, "confidence": 0.1} for name in ("nlu_fallback", *intents)]}


def test_an_unclear_message_gets_three_choices_and_a_person(knowledge: Knowledge) -> None:
    unclear = ranking("greet", "event_query", "human", "loan_info", "out_of_scope", "booking_query", "help")
    (said,) = run(OfferChoices(), "上次那个\n事", "nlu_fallback", **unclear)
    assert said["text"] == ASK_BACK
    payloads = [button["payload"] for button in said["buttons"]]
    assert payloads == ["/event_query", '/loan_info{"question": "上次那个\\n事"}', "/booking_query", "/human"]
    assert knowledge.asked == []


def test_an_unclear_policy_question_is_answered_if_it_can_be(knowledge: Knowledge) -> None:
    unclear = ranking("policy_question", "help")
    assert run(OfferChoices(), "那个贴息", "nlu_fallback", **unclear)[0]["text"] == "《甲》:百分之二"
    knowledge.gives = Found("没有", no_answer=True)
    assert run(OfferChoices(), "那个贴息", "nlu_fallback", **unclear)[0]["text"] == ASK_BACK


def test_an_unclear_message_after_a_question_goes_on_from_it_if_it_can(knowledge: Knowledge) -> None:
    unclear = ranking("help", "event_query")
    said = run(OfferChoices(), "那个体户呢", "nlu_fallback", before="policy_question", **unclear)
    assert said[0]["text"] == "《甲》:百分之二"
    assert knowledge.askers[-1].before == ("有人管吗",)
    knowledge.gives = Found("没有", no_answer=True)
    assert run(OfferChoices(), "嗯", "nlu_fallback", before="loan_info", **unclear)[0]["text"] == ASK_BACK
    knowledge.asked.clear()
    assert run(OfferChoices(), "那个体户呢", "nlu_fallback", before="booking_query", **unclear)[0]["text"] == ASK_BACK
    assert knowledge.asked == []


def test_choices_have_titles_of_their_own() -> None:
    offered = choices(["policy_question", "loan_info", "help"], "问")
    assert len({button["title"] for button in offered}) == len(offered) == 4


def test_a_booking_names_the_service_it_heard() -> None:
    heard = [{"entity": "service_kind", "value": value} for value in ("法律", "合同审核")]
    (said,) = run(BookingCreate(), "约律师", "booking_create", entities=heard)
    assert (said["response"], said["service"]) == ("utter_booking_create_for", "合同审核")
    assert run(BookingCreate(), "约个时间", "booking_create")[0]["response"] == "utter_booking_create"


@pytest.fixture
def tickets(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    opened: list[dict[str, Any]] = []

    class Ticket:
        number, due_at = "T1", now()

    def open_ticket(_session: object, follower_id: int, **wish: Any) -> type[Ticket]:
        opened.append({"follower": follower_id, **wish})
        return Ticket

    monkeypatch.setattr(people, "open_ticket", open_ticket)
    return opened


@pytest.mark.usefixtures("database")
def test_a_person_is_promised_once_the_ticket_is_open(tickets: list[dict[str, Any]]) -> None:
    (said,) = run(OpenTicket(), "人工", "human")
    assert tickets == [{"follower": 7, "question": "有人管吗\n人工", "turn_id": 5}]
    assert "T1" in said["text"]
    assert "前" in said["text"]
