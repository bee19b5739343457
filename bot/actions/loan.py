"""创业担保贷款: what it is, what to bring and how to apply, from the knowledge base."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Event, ServiceAction, intent_of, words_of
from bot.actions.policy import look_up, say_answer

# What a button asks that is tapped without words: one plain thing, which the loan's guide answers.
QUESTIONS = {
    "loan_info": "创业担保贷款能贷多少",
    "loan_materials": "申请创业担保贷款要什么材料",
    "loan_process": "创业担保贷款怎么申请",
}


class AnswerLoan(ServiceAction):
    """Answers within the loan's documents, so that `要什么材料` needs not name the loan."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer_loan"

    def answer(self, say: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Look the question up under the intent's topic."""
        topic = intent_of(tracker)
        say_answer(say, look_up(tracker, words_of(tracker) or QUESTIONS[topic], topic))
        return []
