"""Every inbound message becomes one row and one turn, committed before WeChat gets any answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations import attachments, deliveries, desk, followers, passive
from conversations.models import Delivery, Follower, Message, Scan, Turn, TurnState
from core.clock import now
from core.db import insert_new
from wechat_gateway import message as outgoing
from wechat_gateway.quota import Opening, open_windows
from wechat_gateway.scene import Scene

GRACE = timedelta(seconds=10)  # the gateway that accepted a turn runs it at once; after that the sweep may
REDELIVERED_WITHIN = timedelta(minutes=5)  # WeChat's three deliveries take 15 s, and may wait for an overrun gateway


class Replayed(Exception):
    """A signed request that was used before, for another message or long ago."""


@dataclass(frozen=True)
class Inbound:
    """A message or event as WeChat delivered it."""

    openid: str
    dedup_key: str  # the same for every redelivery, at most 64 characters
    kind: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Reaction:
    """What a handler makes of it: something for the dialogue, or replies that need none.

    Attributes:
        utterance: words for the dialogue; with `intent`, the words that stand for it in the transcript.
        intent: `/name` or `/name{"entity": "value"}`, what a tapped button names; the dialogue is told so, not asked.
        choice: id of a choice of ours that was tapped (`bizmsgmenuid`); stands for the intent it was offered with.
        replies: texts to answer with at once, without the dialogue.
        opening: the customer-service window that WeChat opens for it.
        media_id: what WeChat keeps for three days and we fetch for staff.
        scene: the parametrised QR code that was scanned.
        agent: WeChat's own human service has taken over (the agent's account), or given back ("").
        unfollows: the follower has left; what we know of him is deleted.
        by_follower: False for what concerns the account itself, such as the end of a mass sending.
    """

    utterance: str | None = None
    intent: str | None = None
    choice: str | None = None
    replies: tuple[str, ...] = ()
    opening: Opening | None = None
    media_id: str | None = None
    scene: Scene | None = None
    agent: str | None = None
    unfollows: bool = False
    by_follower: bool = True

    @property
    def for_dialogue(self) -> bool:
        """Whether the dialogue answers it."""
        return any(said is not None for said in (self.utterance, self.intent, self.choice))


@dataclass(frozen=True)
class Arrival:
    """A message on its way into the inbox.

    Attributes:
        fingerprint: of the signed request that brought it, for replay refusal.
        late: nobody waits for the answer, it goes out as a service message.
        grace: how long the turn is left to whoever accepts it, until the sweep runs it.
    """

    inbound: Inbound
    reaction: Reaction
    fingerprint: str | None = None
    late: bool = False
    grace: timedelta = GRACE


@dataclass(frozen=True)
class Accepted:
    """The turn of a message, committed or about to be.

    Attributes:
        pushes: how often WeChat has delivered it; 1 means that it is new.
        reply: the passive reply, where none has to be waited for.
    """

    turn_id: int
    follower_id: int
    pushes: int = 1
    reply: outgoing.Message | None = None


def accept(session: Session, arrival: Arrival) -> Accepted:
    """Store a message and its turn once; a redelivery gets the turn that is there already.

    Raises:
        Replayed: the request was signed for another message, or delivered long ago.
    """
    (accepted,) = accept_all(session, [arrival])
    if accepted is None:
        raise Replayed
    return accepted


def accept_all(session: Session, arrivals: Sequence[Arrival]) -> list[Accepted | None]:
    """`accept` for messages of different followers, a few statements for all of them; None stands for a replay."""
    known = followers.get_or_create(
        session, {one.inbound.openid: one.reaction.by_follower for one in arrivals}
    )  # locks their rows: the turns of one follower keep their order
    messages = _insert_messages(session, arrivals, known)
    new = [one for one in arrivals if one.inbound.dedup_key in messages]
    turns = _insert_turns(session, new, messages, known)
    replies: dict[str, outgoing.Message | None] = {}
    rows = []
    for one in new:
        key, follower = one.inbound.dedup_key, known[one.inbound.openid]
        _note_what_came_along(session, follower, messages[key], one.reaction)
        answers = [deliveries.Outgoing(outgoing.Text(reply)) for reply in one.reaction.replies]
        replies[key], added = passive.hand_over(session, turns[key], follower.id, answers, late=one.late)
        rows += added
    deliveries.insert(session, rows)
    openings = [(known[one.inbound.openid], one.reaction.opening) for one in new if one.reaction.opening]
    open_windows(session, [(follower.id, opening) for follower, opening in openings])
    deliveries.release_waiting(session, [follower.id for follower, _opening in openings if follower.waiting])
    return [
        Accepted(turns[key], known[one.inbound.openid].id, reply=replies[key])
        if (key := one.inbound.dedup_key) in turns
        else _delivered_before(session, key)
        for one in arrivals
    ]


def _insert_messages(session: Session, arrivals: Sequence[Arrival], known: Mapping[str, Any]) -> dict[str, int]:
    """Ids of the messages that are new, by `dedup_key`."""
    moment = now()
    rows = [
        {
            "follower_id": known[one.inbound.openid].id,
            "dedup_key": one.inbound.dedup_key,
            "kind": one.inbound.kind,
            "content": one.inbound.content,
            "fingerprint": one.fingerprint,
            "received_at": moment,
        }
        for one in arrivals
    ]
    return {row.dedup_key: row.id for row in insert_new(session, Message, rows, "id", "dedup_key")}


def _insert_turns(
    session: Session, new: Sequence[Arrival], messages: Mapping[str, int], known: Mapping[str, Any]
) -> dict[str, int]:
    """Ids of the turns of new messages, by `dedup_key`."""
    moment, rows = now(), []
    for one in new:
        reaction, follower = one.reaction, known[one.inbound.openid]
        chosen = _intent_of_choice(session, follower.id, reaction.choice) if reaction.choice else None
        rows.append(
            {
                "message_id": messages[one.inbound.dedup_key],
                "follower_id": follower.id,
                "utterance": reaction.utterance or "" if reaction.for_dialogue else None,
                "intent": chosen or reaction.intent,
                "state": TurnState.RECEIVED if reaction.for_dialogue else TurnState.ANSWERED,
                "attempts": 0,
                "late": one.late,
                "lease_until": moment + one.grace,
                "created_at": moment,
                "finished_at": None if reaction.for_dialogue else moment,
            }
        )
    turns = {row.message_id: row.id for row in insert_new(session, Turn, rows, "id", "message_id")}
    return {one.inbound.dedup_key: turns[messages[one.inbound.dedup_key]] for one in new}


def _delivered_before(session: Session, dedup_key: str) -> Accepted | None:
    known = session.execute(
        select(Turn.id, Turn.follower_id, Turn.pushes, Message.received_at)
        .join(Message)
        .where(Message.dedup_key == dedup_key)
    ).one_or_none()
    if known is None or known.received_at < now() - REDELIVERED_WITHIN:
        return None
    session.execute(update(Turn).where(Turn.id == known.id).values(pushes=Turn.pushes + 1))
    return Accepted(known.id, known.follower_id, known.pushes + 1)


def _note_what_came_along(session: Session, row: Any, message_id: int, reaction: Reaction) -> None:
    if reaction.media_id:
        attachments.want(session, message_id, row.id, reaction.media_id)
    if reaction.opening:
        followers.welcome_back(session, row)
    if reaction.scene is None and reaction.agent is None and not reaction.unfollows:
        return
    follower = session.get_one(Follower, row.id)
    if reaction.scene is not None:
        scene = reaction.scene
        session.add(Scan(follower_id=follower.id, message_id=message_id, kind=scene.kind, value=scene.value))
        follower.source = follower.source or str(scene)
    if reaction.agent is not None:
        desk.note(session, follower, reaction.agent)
    if reaction.unfollows:
        followers.forget(session, follower)


def _intent_of_choice(session: Session, follower_id: int, choice: str) -> str | None:
    """What a tapped choice stands for: `<delivery>.<number>`, however long ago it was offered to this follower."""
    delivery_id, dot, number = choice.partition(".")
    if not (dot and delivery_id.isdecimal() and number.isdecimal() and len(choice) < 16):
        return None
    query = select(Delivery.choices).where(Delivery.id == int(delivery_id), Delivery.follower_id == follower_id)
    offered = session.scalar(query) or []
    return str(offered[int(number) - 1]["payload"]) if 0 < int(number) <= len(offered) else None
