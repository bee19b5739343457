"""WeChat's door: verify, parse, store, answer. Everything behind it is in conversations/."""

import time

from flask import Blueprint, Response, request
from prometheus_client import Counter, Histogram
from werkzeug.exceptions import RequestEntityTooLarge

from conversations import deliveries, inbox, spool, turns
from conversations.inbox import Accepted, Reaction
from conversations.runner import get_runner
from core.db import UNAVAILABLE, transaction
from core.logging import get_logger
from core.settings import get_settings
from wechat_gateway import handlers, replies
from wechat_gateway.envelope import MAX_BODY, Refused, open_envelope, verify
from wechat_gateway.inbound import Push, parse

ANSWER_WITHIN = 4.0  # seconds from the request's arrival; WeChat hangs up after five
SPOOLED = "系统正忙,您的消息已经记下了,恢复后马上回复您。"

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
    """One push: stored before it is answered, answered within four seconds or later by service message."""
    deadline = time.monotonic() + ANSWER_WITHIN
    settings = get_settings()
    request.max_content_length = MAX_BODY
    with SECONDS.time():
        verify(request.args, settings)
        opened = open_envelope(request.args, request.get_data(), settings)
        push = parse(opened.xml)
        text = _answer(push, handlers.react(push.inbound), deadline)
    if text is None:
        return Response(replies.SUCCESS, mimetype="text/plain")
    xml = replies.render_text(text, push.inbound.openid, push.account)
    return Response(replies.seal(xml, opened, settings), mimetype="text/xml")


def _answer(push: Push, reaction: Reaction, deadline: float) -> str | None:
    RECEIVED.labels(push.inbound.kind).inc()
    try:
        with transaction() as session:
            accepted = inbox.accept(session, push.inbound, reaction)
    except UNAVAILABLE as error:
        log.error("database unavailable, message spooled", error=type(error).__name__)  # noqa: TRY400
        spool.put(push.inbound, reaction)
        ANSWERED.labels("spooled").inc()
        return SPOOLED
    try:
        text = _wait_for_answer(accepted, reaction, deadline)
    except UNAVAILABLE as error:
        log.warning("answer left to the sweep", turn=accepted.turn_id, error=type(error).__name__)
        text = None
    ANSWERED.labels("passive" if text else "success").inc()
    return text


def _wait_for_answer(accepted: Accepted, reaction: Reaction, deadline: float) -> str | None:
    finished = True
    if reaction.utterance is not None:
        runner = get_runner()
        if accepted.new:
            runner.start(accepted.follower_id)
        finished = runner.wait(accepted.turn_id, deadline)
    with transaction() as session:
        if not finished and turns.mark_late(session, accepted.turn_id):
            return None
        return deliveries.take_passively(session, accepted.turn_id)


@webhook.errorhandler(Refused)
def refuse(refused: Refused) -> Response:
    """An expected refusal: counted, an empty body, no stack trace."""
    REFUSED.labels(refused.reason).inc()
    return Response(status=refused.status)


@webhook.errorhandler(RequestEntityTooLarge)
def refuse_large(_error: RequestEntityTooLarge) -> Response:
    """More bytes than any push has."""
    REFUSED.labels("size").inc()
    return Response(status=413)


@webhook.errorhandler(Exception)
def unforeseen(error: Exception) -> Response:
    """A defect of ours. WeChat gets nothing it would show; it delivers again, and the message is not lost."""
    log.error("push failed", exc_info=error)
    REFUSED.labels("defect").inc()
    return Response(status=503)
