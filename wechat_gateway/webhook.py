"""WeChat's door: verify, parse, store, answer. Everything behind it is in conversations/."""

import time
from functools import partial

from flask import Blueprint, Response, request
from prometheus_client import Counter, Histogram
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from conversations import passive, spool, turns, typing_state
from conversations.inbox import Accepted, Arrival, Reaction, Replayed
from conversations.intake import get_intake
from conversations.passive import OthersFirst
from conversations.runner import get_runner
from core.db import UNAVAILABLE, transaction
from core.logging import get_logger
from core.settings import get_settings
from wechat_gateway import connection, handlers, replies
from wechat_gateway.envelope import MAX_BODY, Refused, fingerprint, open_envelope, verify
from wechat_gateway.inbound import Push, parse
from wechat_gateway.message import Message, Text

ANSWER_WITHIN = 4.0  # seconds from the request's arrival; WeChat hangs up after five
HANG_UP = 5.2  # seconds after which WeChat has hung up, and delivers the message again
DELIVERIES = 3  # of one message, in all
LOOK_EVERY = 0.1  # seconds between looks whether what was said before has got out
SPOOLED = "系统正忙,您的消息已经记下了,恢复后马上回复您。"
DEFECT = "抱歉,小通这边出了点问题,没能处理这条消息。请稍后再试,或回复“人工”。"

RECEIVED = Counter("tongqi_pushes_received", "Genuine pushes from WeChat", ["kind"])
REFUSED = Counter("tongqi_pushes_refused", "Requests to the webhook that were refused", ["reason"])
ANSWERED = Counter("tongqi_pushes_answered", "How pushes were answered", ["way"])
SECONDS = Histogram("tongqi_push_seconds", "Time to answer a push", buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 5))

log = get_logger()
webhook = Blueprint("webhook", __name__)


@webhook.get("/wechat")
def confirm() -> Response:
    """WeChat checks that the address is ours: echo what it sent, if it has signed it."""
    verify(request.args, get_settings())
    return Response(request.args.get("echostr", ""), mimetype="text/plain")


@webhook.post("/wechat")
def receive() -> Response:
    """One push: stored before it is answered; answered in this delivery, in the next ones, or by service message."""
    arrived = time.monotonic() - connection.waited(request.environ)
    settings = get_settings()
    request.max_content_length = MAX_BODY
    with SECONDS.time():
        verify(request.args, settings)
        opened = open_envelope(request.args, request.get_data(), settings)
        push = parse(opened.fields)
        RECEIVED.labels(push.inbound.kind).inc()
        accepted, message = _answer(push, arrived)
        if message is not None and accepted is not None and connection.hung_up(request.environ):
            _give_back(accepted.turn_id)
            message = None
        ANSWERED.labels("passive" if message else "success").inc()
        if message is None:
            return Response(replies.SUCCESS, mimetype="text/plain")
        xml = replies.render(message, push.inbound.openid, push.account)
        body, mimetype = replies.seal(xml, opened, settings)
    response = Response(body, mimetype=mimetype)
    if accepted is not None:
        response.call_on_close(partial(_written, accepted.turn_id))
    return response


def _answer(push: Push, arrived: float) -> tuple[Accepted | None, Message | None]:
    """The turn, unless it is only spooled, and what to say in this delivery."""
    try:
        reaction = handlers.react(push.inbound)
        busy = reaction.for_dialogue and get_runner().busy
        arrival = Arrival(push.inbound, reaction, fingerprint(request.args, get_settings()), late=busy)
        accepted = get_intake().accept(arrival)
    except Replayed:
        raise Refused(403, "replay") from None
    except UNAVAILABLE as error:
        log.error("database unavailable, message spooled", error=type(error).__name__)  # noqa: TRY400
        spool.put(arrival)
        return None, Text(SPOOLED)
    except Exception:
        # A defect of ours: WeChat would deliver the same again, to fail again. What came is kept for whoever mends it.
        log.exception("push failed", kind=push.inbound.kind)
        REFUSED.labels("defect").inc()
        spool.put_aside(request.get_data())
        return None, Text(DEFECT) if push.inbound.kind == "text" else None
    if accepted.pushes == 1 and not reaction.for_dialogue:
        return accepted, accepted.reply
    try:
        return accepted, _wait_for_answer(accepted, reaction, push.inbound.openid, arrived, busy)
    except UNAVAILABLE as error:
        log.warning("answer left to the sweep", turn=accepted.turn_id, error=type(error).__name__)
        return accepted, None


def _wait_for_answer(accepted: Accepted, reaction: Reaction, openid: str, arrived: float, busy: bool) -> Message | None:
    """The answer if it is there in time for this delivery.

    The first and second delivery are left without an answer until WeChat hangs up and asks again; only the last one is
    told `success`, and the answer goes out as a service message. So a slow answer costs no quota, within 15 seconds.
    With too much to do, or no dialogue there, nobody waits: `success` at once.
    """
    runner = get_runner()
    last = accepted.pushes >= DELIVERIES or busy
    until = arrived + (ANSWER_WITHIN if last else HANG_UP)
    finished = not reaction.for_dialogue
    if reaction.for_dialogue:
        runner.start(accepted.follower_id)  # at a redelivery too: the process that ran the turn may have died
        if busy and accepted.pushes == 1:
            return None  # stored as late already
        finished = not busy and runner.wait(accepted.turn_id, arrived + typing_state.AFTER)
        if not finished and not runner.busy:
            typing_state.show(openid)
            finished = runner.wait(accepted.turn_id, until)
    with transaction() as session:
        hopeless = last or runner.busy
        if not finished and (not hopeless or turns.mark_late(session, accepted.turn_id)):
            return None
    return _take(accepted, until)


def _take(accepted: Accepted, until: float) -> Message | None:
    """The finished turn's passive reply, unless what was said before does not get out in time."""
    while not connection.hung_up(request.environ):
        try:
            with transaction() as session:
                return passive.take(session, accepted.turn_id, accepted.follower_id)
        except OthersFirst:
            if time.monotonic() + LOOK_EVERY > until:
                return None
            time.sleep(LOOK_EVERY)
    return None


def _give_back(turn_id: int) -> None:
    with transaction() as session:
        passive.give_back(session, turn_id)


def _written(turn_id: int) -> None:
    """The reply is with WeChat, as far as this machine can tell."""
    try:
        passive.get_confirmations().add(turn_id)
    except UNAVAILABLE as error:
        log.warning("reply not confirmed", turn=turn_id, error=type(error).__name__)


@webhook.errorhandler(Refused)
def refuse(refused: Refused) -> Response:
    """An expected refusal: counted, an empty body, no stack trace."""
    REFUSED.labels(refused.reason).inc()
    return Response(status=refused.status)


@webhook.errorhandler(Exception)
def unforeseen(error: Exception) -> Response:
    """A defect of ours on the way to or from the conversation. WeChat is told nothing that it would show anybody."""
    if isinstance(error, HTTPException):
        return Response(status=error.code)
    log.error("push failed", exc_info=error)
    REFUSED.labels("defect").inc()
    return Response(replies.SUCCESS, mimetype="text/plain")


@webhook.errorhandler(RequestEntityTooLarge)
def refuse_large(_error: RequestEntityTooLarge) -> Response:
    """More bytes than any push has."""
    REFUSED.labels("size").inc()
    return Response(status=413)
