"""Policy questions: the knowledge base's answer with its sources."""

from collections.abc import Callable
from dataclasses import asdict

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Event, ServiceAction, intents_before, said_before, turn_id, words_of
from bot.actions.choices import PERSON, with_question
from bot.actions.feedback import rating
from bot.client import parse_sender
from core.logging import get_logger
from knowledge import service
from knowledge.service import Answer, Asker, KnowledgeUnavailable

ASK_FOR_WORDS = "您想了解哪方面的政策？直接发给我就行，比如“首贷贴息怎么申请”。"
UNAVAILABLE = "抱歉，政策库这会儿查不了，我不能凭印象答您。请稍后再问一次，或回复“人工”，由工作人员答复。"

RECENT = 3  # messages among which a question must be that another goes on from
_LOOKED_UP = {"policy_question", "loan_info", "loan_materials", "loan_process"}

log = get_logger()


class AnswerPolicy(ServiceAction):
    """Answers from the documents, or says that they hold no answer."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer_policy"

    def answer(self, say: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Look the question up."""
        words = words_of(tracker)
        if words:
            say_answer(say, look_up(tracker, words))
        else:
            say.utter_message(text=ASK_FOR_WORDS)
        return []


def look_up(tracker: Tracker, question: str, topic: str | None = None) -> Answer | None:
    """The knowledge base's answer to the follower; None, logged, while it cannot be asked."""
    return _unless_unavailable(lambda asker: service.answer(question, topic, asker), tracker)


def follow_up(tracker: Tracker, words: str) -> Answer | None:
    """The answer to words that go on from a question before them; None where they do not, or it cannot be had."""
    if not _LOOKED_UP.intersection(intents_before(tracker)[-RECENT:]):
        return None
    return _unless_unavailable(lambda asker: service.follow_up(words, asker), tracker)


def say_answer(say: CollectingDispatcher, found: Answer | None) -> None:
    """Say an answer of `look_up`; its sources go along for the gateway to store.

    Where there is no answer, the closest topics and a person can be picked; else how useful it was.
    """
    if found is None:
        say.utter_message(text=UNAVAILABLE)
        return
    sources = {"sources": [asdict(source) for source in found.sources]}
    say.utter_message(text=found.text, json_message=sources, buttons=_topics(found) or rating(found.record))


def _unless_unavailable(ask: Callable[[Asker], Answer | None], tracker: Tracker) -> Answer | None:
    follower_id, _generation = parse_sender(tracker.sender_id)
    try:
        return ask(Asker(before=tuple(said_before(tracker)), turn_id=turn_id(tracker), follower_id=follower_id))
    except KnowledgeUnavailable as error:
        log.warning("knowledge unavailable", reason=str(error))
        return None


def _topics(found: Answer) -> list[dict[str, str]]:
    """Buttons for the closest topics, and a person; none where none are offered."""
    offered = [
        {"title": choice.title, "payload": with_question("policy_question", choice.question)}
        for choice in found.choices
    ]
    return [*offered, PERSON] if offered else []
