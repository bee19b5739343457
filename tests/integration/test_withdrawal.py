"""An answer that has waited is not sent once what it rests on is no longer in force."""

from datetime import datetime
from pathlib import Path

import pytest

import knowledge.validity  # as every process that sends
from conversations import passive, sending
from conversations.deliveries import Outgoing, queue
from conversations.models import DeliveryState, Turn
from conversations.withdrawal import NO_LONGER
from core import clock
from core.db import transaction
from knowledge import catalogue, service, versions
from tests.integration.conftest import Wechat
from tests.integration.test_deliveries import answer_late, rows
from tests.integration.test_turns import say
from tests.knowledge import HashEncoder, write_sheet
from wechat_gateway.message import Text

CITES = ({"policy_id": "voucher"},)


@pytest.fixture(autouse=True)
def sheet(database: str, configure: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(TONGQI_ALLOW_CLOCK="1")  # type: ignore[operator]
    for module in (catalogue, versions):
        monkeypatch.setattr(module, "get_encoder", HashEncoder)
    clock.set_clock(datetime(2026, 11, 25, 10))
    service.ingest([write_sheet(tmp_path, "voucher", "服务券按合同金额的30%补贴。", expires="2026-11-25")])


def answer(*texts: str) -> Outgoing:
    return Outgoing(Text("\n".join(texts)), sources=CITES)


def test_in_force_it_is_sent(wechat: Wechat) -> None:
    sending.send_due(answer_late(answer("补贴30%。")))
    assert wechat.sent == [("o-a", "补贴30%。")]


def test_switched_off_meanwhile_it_is_withdrawn_with_all_its_parts(wechat: Wechat) -> None:
    long = answer("第一段。" * 200, "第二段。" * 200)
    follower = answer_late(long)
    versions.set_enabled("voucher", False, "li")
    sending.send_due(follower)
    assert wechat.sent == [("o-a", NO_LONGER)]
    assert {row.state for row in rows()} == {DeliveryState.SENT, DeliveryState.FAILED}


def test_past_its_day_it_is_withdrawn_without_anybody_doing_anything(wechat: Wechat) -> None:
    follower = answer_late(answer("补贴30%。"), "别的答复")
    clock.set_clock(datetime(2026, 11, 26, 0, 1))
    sending.send_due(follower)
    assert wechat.sent[0] == ("o-a", NO_LONGER)


def test_a_passive_reply_is_judged_as_well(wechat: Wechat) -> None:
    accepted = say("问")
    with transaction() as session:
        queue(session, session.get_one(Turn, accepted.turn_id), [answer("补贴30%。")])
    versions.set_enabled("voucher", False, "li")
    with transaction() as session:
        assert passive.take(session, accepted.turn_id, accepted.follower_id) == Text(NO_LONGER)


def test_an_answer_that_cites_nothing_is_judged_by_nobody(wechat: Wechat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge.validity.validity, "_judges", [lambda _session, _sources: False])
    sending.send_due(answer_late("您好"))
    assert wechat.sent == [("o-a", "您好")]
