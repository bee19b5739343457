"""Running a turn: ask the dialogue, store its answer. The one place that calls Rasa."""

import time
import unicodedata
from collections.abc import Callable

from bot import client as rasa
from bot.client import RasaDown, RasaUnavailable, Reply, converse, sender_id
from conversations import deliveries, followers, turns
from conversations.deliveries import Outgoing
from conversations.models import Turn, TurnState
from conversations.turns import Work
from core.clock import now
from core.db import reading, transaction
from core.logging import get_logger
from wechat_gateway.message import Text, load

TIMEOUT = 10.0  # seconds for one call of the dialogue; less than a turn's lease
FAILURES = 2  # answers that were none, until it is apologised for: one more try, as the first may have been bad luck
PAUSE = 0.5  # seconds before another try
PATIENCE = 20.0  # seconds that Rasa may be gone before its messages are apologised for; a restart takes twelve
ATTEMPTS = 5  # processes that may die over a turn before it is given up
APOLOGY = "抱歉,小通刚才没处理好您的问题。请稍后再试一次,或回复“人工”,由工作人员帮您。"

log = get_logger()


def run_turns(follower_id: int, finished: Callable[[int], None] = lambda _turn_id: None) -> None:
    """Answer the follower's waiting turns, oldest first, until there is none or another process has one running.

    Args:
        finished: called with the id of each turn as soon as its answer is committed.
    """
    while _any_waits(follower_id):
        with transaction() as session:
            work = turns.claim_next(session, follower_id)
        if work is None:
            return
        asked = _ask(work)
        if asked is None:
            return  # another process has the turn
        _store(work, *asked)
        finished(work.turn_id)


def _any_waits(follower_id: int) -> bool:
    """A look that costs no turn to write: mostly there is none any more."""
    with reading() as session:
        return turns.any_open(session, follower_id)


def _ask(work: Work) -> tuple[list[Outgoing], TurnState] | None:
    """(answers, how the turn ends); None when another process has taken the turn over."""
    if work.silent is not None:
        return [], TurnState.ANSWERED
    text, is_payload = _resolve_choice(work)
    sender = sender_id(*work.session)
    failures = 0
    while work.attempt <= ATTEMPTS:
        try:
            replies = converse(sender, text, turn_id=work.turn_id, timeout=TIMEOUT, payload=is_payload)
            return [_outgoing(reply) for reply in replies], TurnState.ANSWERED
        except (RasaUnavailable, ValueError) as error:
            failures += not isinstance(error, RasaDown)
            log.warning("dialogue failed", turn=work.turn_id, failures=failures, reason=str(error))
            if failures >= FAILURES or rasa.down_for(sender) > PATIENCE:
                break
        time.sleep(PAUSE)
        with transaction() as session:
            if not turns.renew_lease(session, work):
                return None
    return [Outgoing(Text(APOLOGY))], TurnState.FAILED


def _store(work: Work, answers: list[Outgoing], state: TurnState) -> None:
    """Commit the answer unless another process has taken the turn over meanwhile."""
    with transaction() as session:
        follower = followers.lock(session, work.follower_id)
        turn = session.get_one(Turn, work.turn_id, with_for_update=True)
        if turn.late and state is TurnState.ANSWERED:
            state = TurnState.DELIVERED_LATER
        if turns.move(session, work.turn_id, TurnState.RUNNING, state, of_attempt=work.attempt, finished_at=now()):
            # Who has left meanwhile, or is with an agent, is told nothing, and nothing of it is kept.
            deliveries.queue(session, turn, [] if followers.why_silent(follower) else answers)


def _resolve_choice(work: Work) -> tuple[str, bool]:
    """(text, is payload): a tapped button's intent; a number or title of a choice just offered; else the words."""
    if work.intent is not None:
        return work.intent, True
    said = unicodedata.normalize("NFKC", work.utterance).strip(" .,、。")  # full-width and circled digits too
    for number, choice in enumerate(work.offered, 1):
        if said in (str(number), choice["title"]):
            return choice["payload"], True
    return work.utterance, False


def _outgoing(reply: Reply) -> Outgoing:
    """Actions say text; what is more than text they describe in `custom.message`, as `wechat_gateway.message.dump` does.

    Raises:
        ValueError: they describe what no message is.
    """
    described = reply.custom.get("message")
    return Outgoing(
        message=load(described) if described else Text(reply.text),
        choices=tuple({"title": choice.title, "payload": choice.payload} for choice in reply.choices),
        sources=tuple(reply.custom.get("sources", ())),
    )
