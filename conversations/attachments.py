"""Pictures, voices and files that followers send: fetched from WeChat, which keeps them for three days, for staff.

They lie in the database and not in a folder, so that every machine sees them, and one deletion removes them for good.
"""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations.models import Attachment, AttachmentState
from core.clock import now
from core.db import after_commit, transaction
from core.logging import get_logger
from core.tasks import enqueue
from wechat_gateway.calls import media
from wechat_gateway.client import get_client
from wechat_gateway.errors import WechatError

MOVES = {
    AttachmentState.WANTED: {AttachmentState.STORED, AttachmentState.GONE},
    AttachmentState.STORED: {AttachmentState.GONE},
    AttachmentState.GONE: set[AttachmentState](),
}
ATTEMPTS = 8
BACK_OFF = timedelta(seconds=30)  # doubled with each attempt: about two hours in all
LEASE = timedelta(seconds=60)  # longer than a download takes

log = get_logger()


def want(session: Session, message_id: int, follower_id: int, media_id: str) -> None:
    """Note what came with a message, to be fetched once the message is committed."""
    attachment = Attachment(message_id=message_id, follower_id=follower_id, media_id=media_id[:200])
    session.add(attachment)
    session.flush()
    after_commit(session, lambda: enqueue("conversations.fetch_attachment", attachment.id))


def due(session: Session, limit: int = 20) -> list[int]:
    """Ids of attachments that are to be fetched now."""
    query = select(Attachment.id).where(Attachment.state == AttachmentState.WANTED, Attachment.due_at <= now())
    return list(session.scalars(query.order_by(Attachment.id).limit(limit)))


def fetch(attachment_id: int) -> None:
    """Download one attachment, unless it is there, gone, or being fetched; failures are tried again later."""
    with transaction() as session:
        row = session.get(Attachment, attachment_id, with_for_update=True)
        if row is None or row.state is not AttachmentState.WANTED or row.due_at > now():
            return
        row.attempts += 1
        row.due_at = now() + LEASE
        media_id, attempts = row.media_id, row.attempts
    try:
        found = media.download(get_client(), media_id)
    except WechatError as error:
        _failed(attachment_id, attempts, error)
        return
    with transaction() as session:
        _move(session, attachment_id, AttachmentState.STORED, content=found.content, content_type=found.content_type)


def forget(session: Session, follower_id: int) -> None:
    """Delete what the follower has sent."""
    session.execute(
        update(Attachment)
        .where(Attachment.follower_id == follower_id)
        .values(state=AttachmentState.GONE, content=None, media_id="", error="forgotten")
    )


def _failed(attachment_id: int, attempts: int, error: WechatError) -> None:
    again = error.retryable and attempts < ATTEMPTS
    with transaction() as session:
        if again:
            session.execute(
                update(Attachment)
                .where(Attachment.id == attachment_id)
                .values(due_at=now() + BACK_OFF * 2**attempts, error=str(error)[:200])
            )
        else:
            _move(session, attachment_id, AttachmentState.GONE, error=str(error)[:200])


def _move(session: Session, attachment_id: int, target: AttachmentState, **values: object) -> None:
    """Compare-and-set from any state that may lead to `target`: a follower who leaves meanwhile keeps nothing here."""
    sources = [source for source, targets in MOVES.items() if target in targets]
    session.execute(
        update(Attachment)
        .where(Attachment.id == attachment_id, Attachment.state.in_(sources))
        .values(state=target, **values)
    )
    log.info("attachment moved", attachment=attachment_id, target=target)
