"""Both sides' books after a run: what the followers sent and saw (the stand-in), and what we have stored (the database)."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Row, create_engine, text

from tests.product import Product

OPEN_TURNS = "SELECT count(*) FROM turns WHERE state IN ('received', 'running')"
UNSENT = "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'waiting', 'sending')"
MESSAGES = """
    SELECT messages.id, followers.openid, messages.kind, messages.content ->> '$.MsgId' AS msg_id,
           messages.content ->> '$.EventKey' AS key, turns.id AS turn, turns.state AS state,
           turns.utterance IS NULL AS at_once
    FROM messages JOIN followers ON followers.id = messages.follower_id LEFT JOIN turns ON turns.message_id = messages.id
    ORDER BY messages.id
"""
DELIVERIES = "SELECT turn_id, text, state, channel FROM deliveries ORDER BY id"
TICKETS = "SELECT openid, count(*) FROM tickets JOIN followers ON followers.id = follower_id GROUP BY openid"


@dataclass
class Findings:
    """What does not agree, a line each, and the counts."""

    faults: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """One message or event, what we stored of it, and the answer that WeChat showed in the same breath."""

    openid: str
    about: str
    passive: list[str]
    turn: int | None
    state: str | None
    at_once: bool  # answered without the dialogue, which the follower's other messages need not wait for


def settled(product: Product) -> bool:
    """Whether nothing is under way any more on either side."""
    pending = httpx.get(f"{product.phone}/api/totals", timeout=20).json()["pending"]
    spooled = list((product.var / "spool").glob("*.json"))
    counts = [row[0] for query in (OPEN_TURNS, UNSENT) for row in _query(product.var, query)]
    return not (pending or spooled or any(counts))


def compare(product: Product) -> Findings:
    """One message, one turn and one answer for each push, in order, whatever was killed in between."""
    books = httpx.get(f"{product.phone}/api/answers", timeout=30).json()
    found = Findings()
    sent = _sent(product.var, books["pushes"], found)
    deliveries: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in _query(product.var, DELIVERIES):
        deliveries[row.turn_id].append(row)
    for each in sent:
        found.faults += _problems_of(each, deliveries[each.turn or 0])
    for openid in {each.openid for each in sent}:
        mine = sorted((each for each in sent if each.openid == openid and each.turn), key=lambda each: each.turn or 0)
        expected = [(line, each.at_once) for each in mine for line in _lines(deliveries[each.turn or 0])]
        found.faults += _problems_of_chat(openid, expected, _chat(product, openid))
    found.faults += _problems_with_tickets(product.var, sent)
    found.counts = {
        "messages and events": len(sent),
        "answered passively": sum(bool(each.passive) for each in sent),
        "answered later": sum(not each.passive and bool(deliveries[each.turn or 0]) for each in sent),
        "service messages": len(books["service"]),
        "faults shown by WeChat": sum(bool(push["fault"]) for push in books["pushes"]),
        "apologies": sum(each.state == "failed" for each in sent),
        "delivered more than once by WeChat": sum(push["tries"] > 1 for push in books["pushes"]),
    }
    return found


def _sent(var: Path, pushes: list[dict[str, Any]], found: Findings) -> list[Sent]:
    """Each push with its row in the database; text messages by their id, events by sender, key and order."""
    stored: dict[tuple[str, ...], list[Row[Any]]] = defaultdict(list)
    for row in _query(var, MESSAGES):
        stored[_key(row.openid, row.kind.removeprefix("event:"), row.key, row.msg_id)].append(row)
    sent = []
    for push in pushes:
        rows = stored[_key(push["openid"], push["kind"].lower(), push["content"], push["message_id"])]
        about = f"{push['content'] or push['kind']} of {push['openid'][:8]} (tries {push['tries']})"
        if rows:
            row = rows.pop(0)
            sent.append(Sent(push["openid"], about, push["passive"], row.turn, row.state, bool(row.at_once)))
        else:
            found.faults.append(f"not stored: {about}")
    found.faults += [f"stored twice: message {row.id}" for rows in stored.values() for row in rows]
    return sent


def _key(openid: str, kind: str, content: str | None, message_id: str | None) -> tuple[str, ...]:
    return (openid, message_id) if message_id else (openid, kind, content or "")


def _problems_of(sent: Sent, rows: list[Row[Any]]) -> list[str]:
    if sent.turn is None:
        return [f"no turn: {sent.about}"]
    problems = []
    if not rows:
        problems.append(f"no answer: {sent.about}, turn {sent.turn} {sent.state}")
    problems += [f"not sent: {sent.about}: {row.state}" for row in rows if row.state not in ("sent", "left")]
    if any(row.channel == "passive" for row in rows) != bool(sent.passive):
        shown = "shown but not noted" if sent.passive else "noted but not shown"
        problems.append(f"passive answer {shown}: {sent.about}, turn {sent.turn}")
    return problems


def _lines(rows: list[Row[Any]]) -> list[str]:
    """How a turn's answer looks in the chat: what was taken along is one bubble."""
    passive = [row.text for row in rows if row.channel == "passive"]
    later = [row.text for row in rows if row.channel != "passive"]
    return [_line("passive", words) for words in passive[:1]] + [_line("service", words) for words in later]


def _line(via: str, words: str) -> str:
    return f"{via} {words.strip()[:10]}"  # the form of the rest is the page's business


def _chat(product: Product, openid: str) -> list[str]:
    shown = httpx.get(f"{product.phone}/api/followers/{openid}/messages", timeout=20).json()["messages"]
    return [_line(each["via"], each["content"]) for each in shown if each["from"] == "account"]


def _problems_of_chat(openid: str, expected: list[tuple[str, bool]], shown: list[str]) -> list[str]:
    """`expected`: each line, and whether it may come at any time."""
    wanted = Counter(line for line, _at_once in expected)
    problems = [f"lost: {line} of {openid[:8]}" for line in (wanted - Counter(shown)).elements()]
    problems += [f"shown twice: {line} of {openid[:8]}" for line in (Counter(shown) - wanted).elements()]
    anytime = {line for line, at_once in expected if at_once}
    seen, right = (
        [line for line in shown if line not in anytime],
        [line for line, _at_once in expected if line not in anytime],
    )
    if not problems and seen != right:
        at = next(number for number, pair in enumerate(zip(seen, right, strict=True)) if pair[0] != pair[1])
        problems.append(f"out of order: {openid[:8]} saw {seen[at : at + 3]}, not {right[at : at + 3]}")
    return problems


def _problems_with_tickets(var: Path, sent: list[Sent]) -> list[str]:
    """Who asked for a person has one ticket, unless all he got was an apology."""
    tickets = {row[0]: row[1] for row in _query(var, TICKETS)}
    asked = {each.openid for each in sent if "人工" in each.about and each.state != "failed"}
    return [
        *(f"{count} tickets of {openid[:8]}" for openid, count in tickets.items() if count > 1),
        *(f"no ticket of {openid[:8]}" for openid in asked - tickets.keys()),
    ]


def _query(var: Path, query: str) -> list[Row[Any]]:
    engine = create_engine(f"sqlite:///{var / 'tongqi.db'}")
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(query)))
    finally:
        engine.dispose()
