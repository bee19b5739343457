"""Finishes what a killed process or an absent database left behind."""

from bot import tracker
from conversations import attachments, dialogue, followers, sending, spool, turns
from core import forgetting
from core.db import transaction


def sweep() -> None:
    """Take in spooled messages, send answers that nobody picked up, run turns that nobody runs, forget who left."""
    spool.drain()
    with transaction() as session:
        due = sending.due_followers(session)
    for follower_id in due:
        sending.send_due(follower_id)
    with transaction() as session:
        turns.release_expired(session)
        waiting = turns.waiting_followers(session)
    for follower_id in waiting:
        dialogue.run_turns(follower_id)
    with transaction() as session:
        for follower in followers.to_forget_in_dialogue(session):
            tracker.forget(follower.id)
            forgetting.forget(session, follower.id)  # once more: an answer may have been on its way when he left
            follower.generation_turns = 0
    with transaction() as session:
        wanted = attachments.due(session)
    for attachment_id in wanted:
        attachments.fetch(attachment_id)
