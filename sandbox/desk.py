"""WeChat's own human service: the desk to which a conversation is handed over, and which then hears the follower."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from core.clock import now
from sandbox.push import ACCOUNT
from sandbox.refusal import Refusal

IDLE = 30 * 60  # seconds after which a session nobody has closed goes back to the account
MAX_AGENTS = 100


@dataclass
class Agent:
    """Someone at the desk."""

    account: str
    online: bool = True


@dataclass
class Session:
    """A follower with an agent."""

    agent: str
    since: int  # Unix seconds
    heard: int  # Unix seconds of the last word on either side


class Desk:
    """The agents and their sessions. Thread-safe."""

    def __init__(self) -> None:
        self.enabled = True
        self._agents = {f"desk1@{ACCOUNT}": Agent(f"desk1@{ACCOUNT}")}
        self._sessions: dict[str, Session] = {}
        self._queue: dict[str, int] = {}  # openid -> since when, Unix seconds
        self._lock = threading.Lock()

    def agents(self) -> list[Agent]:
        """Everybody."""
        with self._lock:
            return list(self._agents.values())

    def staff(self, rows: Any) -> None:
        """Have these agents instead.

        Raises:
            ValueError: not a list of `{account, online?}`.
        """
        if not isinstance(rows, list) or len(rows) > MAX_AGENTS or not all(isinstance(row, dict) for row in rows):
            raise ValueError("要一个客服列表")
        agents = [Agent(str(row.get("account", "")), row.get("online") is not False) for row in rows]
        if not all(agent.account for agent in agents):
            raise ValueError("客服要有 account")
        with self._lock:
            self._agents = {agent.account: agent for agent in agents}

    def take(self, openid: str, account: str = "") -> str:
        """A conversation is handed over: to the named agent, or to whoever is online with the fewest sessions.

        Returns the agent, or "" if the follower must queue: his messages still reach the account then.
        """
        with self._lock:
            if openid in self._sessions:
                return self._sessions[openid].agent
            free = [each.account for each in self._agents.values() if each.online and account in ("", each.account)]
            if not self.enabled or not free:
                self._queue.setdefault(openid, _at())
                return ""
            agent = min(free, key=lambda name: sum(each.agent == name for each in self._sessions.values()))
            self._begin(openid, agent)
            return agent

    def create(self, openid: str, account: str) -> None:
        """The account starts a session itself.

        Raises:
            Refusal: 65400 not enabled, 61457 no such agent, 61459 offline, 61458 with another agent already.
        """
        with self._lock:
            self._check(account)
            if not self._agents[account].online:
                raise Refusal(61459, "kf offline")
            session = self._sessions.get(openid)
            if session and session.agent != account:
                raise Refusal(61458, "the client is being served by another kf")
            if not session:
                self._begin(openid, account)

    def close(self, openid: str, account: str = "") -> str:
        """End a session; the agent. "" for `account`: whoever it is.

        Raises:
            Refusal: 65400 not enabled, 61457 no such agent, 65413 no such session.
        """
        with self._lock:
            session = self._sessions.get(openid)
            if account:
                self._check(account)
            if session is None or account not in ("", session.agent):
                raise Refusal(65413, "no such session")
            del self._sessions[openid]
            return session.agent

    def hears(self, openid: str) -> bool:
        """Whether the follower's message goes to the desk; it is counted as heard."""
        with self._lock:
            session = self._sessions.get(openid)
            if session:
                session.heard = _at()
            return session is not None

    def session(self, openid: str) -> Session | None:
        """The follower's session."""
        with self._lock:
            return self._sessions.get(openid)

    def over(self) -> list[tuple[str, str]]:
        """End the sessions in which nobody has said anything for half an hour; openid and agent of each."""
        with self._lock:
            ended = [(openid, each.agent) for openid, each in self._sessions.items() if each.heard + IDLE <= _at()]
            for openid, _agent in ended:
                del self._sessions[openid]
            return ended

    def sessions(self, account: str = "") -> dict[str, Session]:
        """The sessions of an agent, or all."""
        with self._lock:
            return {openid: each for openid, each in self._sessions.items() if account in ("", each.agent)}

    def queue(self) -> dict[str, int]:
        """Who waits for an agent, and since when (Unix seconds)."""
        with self._lock:
            return dict(self._queue)

    def view(self) -> dict[str, Any]:
        """Everything, for the page."""
        with self._lock:
            sessions = {openid: asdict(session) for openid, session in self._sessions.items()}
            agents = [asdict(agent) for agent in self._agents.values()]
            return {"enabled": self.enabled, "agents": agents, "sessions": sessions, "queue": dict(self._queue)}

    def leave(self, openid: str) -> None:
        """The follower has left the account: neither session nor queue."""
        with self._lock:
            self._sessions.pop(openid, None)
            self._queue.pop(openid, None)

    def check_enabled(self) -> None:
        """Raise Refusal 65400 where the account has no human service."""
        if not self.enabled:
            raise Refusal(65400, "please enable new kf function")

    def _begin(self, openid: str, agent: str) -> None:
        self._queue.pop(openid, None)
        self._sessions[openid] = Session(agent, _at(), _at())

    def _check(self, account: str) -> None:
        self.check_enabled()
        if account not in self._agents:
            raise Refusal(61457, "invalid kf account")


def _at() -> int:
    return int(now().timestamp())
