"""Not sure what was meant: ask back with the likeliest choices, rather than answer something else."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Event, ServiceAction, words_of
from bot.actions.choices import choices
from bot.actions.policy import follow_up, look_up, say_answer

ASK_BACK = "我没太明白您的意思，您是想："


class OfferChoices(ServiceAction):
    """Offers the three likeliest intents and a person; what looks like a policy question, or goes on from one, is tried."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_offer_choices"

    def answer(self, say: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Ask back."""
        words = words_of(tracker)
        ranking = [row["name"] for row in tracker.latest_message.get("intent_ranking", ())]
        ranking = [intent for intent in ranking if intent != "nlu_fallback"]
        found = look_up(tracker, words) if ranking[:1] == ["policy_question"] else follow_up(tracker, words)
        if found is not None and not found.no_answer:
            say_answer(say, found)
            return []
        say.utter_message(text=ASK_BACK, buttons=choices(ranking, words))
        return []
