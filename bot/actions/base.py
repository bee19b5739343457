"""What every action stands on: off the event loop, and an honest answer whatever goes wrong."""

import asyncio
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.client import EMPTY_LINE, RASA_EMPTY_LINE
from core.logging import get_logger

Event = dict[str, Any]

SORRY = "抱歉，小通这边刚出了点问题，没办成。请稍后再试，或回复“人工”，由工作人员帮您。"

log = get_logger()


class ServiceAction(Action, ABC):  # type: ignore[misc]  # rasa_sdk has no types
    """An action that puts what the follower said to a service, and what the service says to the follower.

    A subclass in any file of this package is registered when the action server starts.
    """

    @abstractmethod
    def name(self) -> str:
        """The action's name in bot/domain."""

    @abstractmethod
    def answer(self, say: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Say something, always; return events for Rasa, such as slots to set. Runs in a thread and may block."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        """Called by rasa_sdk. An action that raised would leave the follower without any answer."""
        try:
            events = await asyncio.to_thread(self.answer, dispatcher, tracker)
        except Exception:
            log.exception("action failed", action=self.name(), sender=tracker.sender_id, turn=turn_id(tracker))
            dispatcher.messages.clear()
            dispatcher.utter_message(text=SORRY)
            return []
        for message in dispatcher.messages:
            if message.get("text"):
                message["text"] = message["text"].replace(EMPTY_LINE, RASA_EMPTY_LINE)
        return events


def turn_id(tracker: Tracker) -> int | None:
    """The gateway's number of the turn that is being answered; None where the gateway did not ask."""
    turn = (tracker.latest_message.get("metadata") or {}).get("turn")
    return int(turn) if turn is not None else None


def intent_of(tracker: Tracker) -> str:
    """The intent of the latest message."""
    return str(tracker.latest_message["intent"]["name"])


def intents_before(tracker: Tracker) -> list[str]:
    """The intents of the messages before the latest one, oldest first."""
    understood = [event.get("parse_data") or {} for event in tracker.events if event["event"] == "user"][:-1]
    return [str((one.get("intent") or {}).get("name")) for one in understood]


def said_before(tracker: Tracker) -> list[str]:
    """What the follower asked before the latest message, in his words or by a choice, oldest first."""
    said = [_words(event.get("parse_data") or event) for event in tracker.events if event["event"] == "user"][:-1]
    return [text for text in said if text]


def words_of(tracker: Tracker) -> str:
    """What the follower wrote: in a message, or before it in the message that a picked choice answers; may be empty."""
    return _words(tracker.latest_message)


def _words(message: dict[str, Any]) -> str:
    text = str(message.get("text") or "")
    if not text.startswith("/"):
        return text
    asked = (entity["value"] for entity in message.get("entities") or () if entity.get("entity") == "question")
    return str(next(asked, ""))
