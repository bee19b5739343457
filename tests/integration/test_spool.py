"""A database that is locked or gone: the message is kept on disk and answered when it is back."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from conversations.models import Message
from conversations.sweep import sweep
from core import db
from core.settings import Settings, get_settings
from tests.integration.conftest import Dialogue, Wechat
from tests.pushes import Push


def deliver(gateway: FlaskClient, push: Push) -> str:
    response = gateway.post("/wechat", query_string=push.args, data=push.body)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def messages() -> int:
    with db.transaction() as session:
        return session.query(Message).count()


def test_a_message_survives_a_database_that_is_gone(
    gateway: FlaskClient, database: str, configure: Callable[..., Settings], dialogue_stub: Dialogue, wechat: Wechat
) -> None:
    configure(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    push = Push.text("贷款")
    assert "记下" in deliver(gateway, push)
    assert "记下" in deliver(gateway, push)  # redelivered: still one message
    configure(DATABASE_URL=database)
    sweep()
    sweep()  # the answer: a worker would have sent it at once
    assert (messages(), dialogue_stub.asked, wechat.sent) == (1, ["贷款"], [("o-zhang", "答：贷款")])
    assert list((get_settings().tongqi_var / "spool").iterdir()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_message_survives_a_locked_database(
    gateway: FlaskClient, database: str, monkeypatch: pytest.MonkeyPatch, wechat: Wechat
) -> None:
    with sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "记下" in deliver(gateway, Push.text("贷款"))
        other.execute("ROLLBACK")
    other.close()
    sweep()
    sweep()
    assert [text for _, text in wechat.sent] == ["答：贷款"]


def test_a_folder_without_spool_is_nothing_to_drain(database: str, tmp_path: Path) -> None:
    sweep()
