"""Running a turn: ask the dialogue, store its answer. The one place that calls Rasa."""

import unicodedata
from collections.abc import Callable

from bot.client import RasaUnavailable, Reply, converse, sender_id
from conversations import deliveries, turns
from conversations.deliveries import Outgoing
from conversations.models import Turn, TurnState
from conversations.turns import Work
from core.clock import now
from core.db import transaction
from core.logging import get_logger

TIMEOUT = 10.0  # seconds for one call of the dialogue; two calls stay below a turn's lease
APOLOGY = "抱歉,小通刚才没处理好您的问题。请稍后再试一次,或回复“人工”,由工作人员帮您。"

log = get_logger()


def run_turns(follower_id: int, finished: Callable[[int], None] = lambda _turn_id: None) -> None:
    """Answer the follower's waiting turns, oldest first, until there is none or another process has one running.

    Args:
        finished: called with the id of each turn as soon as its answer is committed.
    """
    while True:
        with transaction() as session:
            work = turns.claim_next(session, follower_id)
        if work is None:
            return
        answers, state = _ask(work)
        _store(work, answers, state)
        finished(work.turn_id)


def _ask(work: Work) -> tuple[list[Outgoing], TurnState]:
    text, is_payload = _resolve_choice(work)
    for attempt in (1, 2):
        try:
            replies = converse(
                sender_id(*work.session), text, turn_id=work.turn_id, timeout=TIMEOUT, payload=is_payload
            )
        except RasaUnavailable as error:
            log.warning("dialogue failed", turn=work.turn_id, attempt=attempt, reason=str(error))
        else:
            return [_outgoing(reply) for reply in replies], TurnState.ANSWERED
    return [Outgoing(APOLOGY)], TurnState.FAILED


def _store(work: Work, answers: list[Outgoing], state: TurnState) -> None:
    """Commit the answer unless another process has taken the turn over meanwhile."""
    with transaction() as session:
        turn = session.get_one(Turn, work.turn_id, with_for_update=True)
        if turn.late and state is TurnState.ANSWERED:
            state = TurnState.DELIVERED_LATER
        if turns.move(session, work.turn_id, TurnState.RUNNING, state, of_attempt=work.attempt, finished_at=now()):
            # Who has left meanwhile is told nothing, and nothing of it is kept.
            deliveries.queue(session, turn, answers if turn.follower.subscribed else [])


def _resolve_choice(work: Work) -> tuple[str, bool]:
    """(text, is payload): a number or title of a choice just offered stands for what it names."""
    said = unicodedata.normalize("NFKC", work.utterance).strip(" .,、。")  # full-width and circled digits too
    for number, choice in enumerate(work.offered, 1):
        if said in (str(number), choice["title"]):
            return choice["payload"], True
    return work.utterance, False


def _outgoing(reply: Reply) -> Outgoing:
    return Outgoing(
        text=reply.text,
        choices=tuple({"title": choice.title, "payload": choice.payload} for choice in reply.choices),
        sources=tuple(reply.custom.get("sources", ())),
    )
