"""Booking a service: being prepared, and says so with the service that was asked for."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Event, ServiceAction


class BookingCreate(ServiceAction):
    """Names the service that the message names."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_booking_create"

    def answer(self, say: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Choose the text; it stands in the domain."""
        service = max(tracker.get_latest_entity_values("service_kind"), key=len, default=None)
        if service:
            say.utter_message(response="utter_booking_create_for", service=service)
        else:
            say.utter_message(response="utter_booking_create")
        return []
