"""Finishes what a killed process or an absent database left behind."""

from bot import tracker
from conversations import deliveries, dialogue, followers, spool, turns
from core.db import transaction


def sweep() -> None:
    """Take in spooled messages, run turns that nobody runs, send answers that nobody picked up, forget who left."""
    spool.drain()
    with transaction() as session:
        turns.release_expired(session)
        waiting = turns.waiting_followers(session)
    for follower_id in waiting:
        dialogue.run_turns(follower_id)
    with transaction() as session:
        due = deliveries.due_followers(session)
    for follower_id in due:
        deliveries.send_due(follower_id)
    with transaction() as session:
        for follower in followers.to_forget_in_dialogue(session):
            tracker.forget(follower.id)
            follower.generation_turns = 0
