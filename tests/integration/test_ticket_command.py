"""What staff see of a follower who waits for a person."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from app.commands.ticket import ticket
from conversations import tickets
from conversations.inbox import Arrival, Inbound, Reaction, accept
from conversations.models import Attachment, AttachmentState, Delivery, DeliveryState
from core.db import transaction
from tests.integration.conftest import Wechat
from tests.integration.test_deliveries import answer_late
from wechat_gateway.quota import Opening


@pytest.fixture
def number(wechat: Wechat) -> str:
    """The ticket of a follower who asked, was answered beyond his quota, and sent a picture."""
    follower = answer_late("请打13812345678")
    with transaction() as session:
        session.execute(update(Delivery).values(state=DeliveryState.WAITING))
        picture = Arrival(
            Inbound("o-a", "picture", "image", {"PicUrl": "u"}), Reaction(opening=Opening.MOMENT, media_id="m")
        )
        accept(session, picture)
        session.execute(
            update(Attachment).values(state=AttachmentState.STORED, content=b"picture", content_type="image/jpeg")
        )
        session.execute(update(Delivery).values(state=DeliveryState.WAITING))
        return tickets.open_ticket(session, follower, "我的电话13812345678").number


def run(*arguments: str) -> str:
    result = CliRunner().invoke(ticket, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_lists_mask_numbers(number: str) -> None:
    assert number in run("list")
    assert "138****5678" in run("list")


def test_the_conversation_shows_what_waits_and_what_came(number: str, tmp_path: Path) -> None:
    shown = run("show", number)
    assert "138****5678" in shown
    assert "没有发送额度" in shown
    assert "[图片]" in shown
    assert "13812345678" in run("show", number, "--reveal")
    run("show", number, "--save", str(tmp_path))
    assert [path.read_bytes() for path in tmp_path.glob("*.jpg")] == [b"picture"]


def test_an_unknown_ticket_is_said_to_be_so(number: str) -> None:
    result = CliRunner().invoke(ticket, ["show", "T999999"])
    assert result.exit_code == 1
    assert "no ticket" in result.output
