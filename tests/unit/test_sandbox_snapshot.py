"""What outlasts a restart."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from sandbox.media import sample_picture
from sandbox.snapshot import Snapshot
from sandbox.wechat import Wechat
from tests.webhook_stub import webhook
from tests.wechat_account import Account


@pytest.fixture
def account(configure: Callable[..., Settings]) -> Iterator[Account]:
    with webhook(lambda delivery: delivery.reply("欢迎")) as stub:
        yield Account(configure(), stub.url)


def test_all_that_matters_outlasts_a_restart(account: Account, tmp_path: Path) -> None:
    path, wechat = tmp_path / "kept" / "sandbox.json", account.wechat
    snapshot = Snapshot(wechat, path)
    snapshot.save()
    assert not path.exists()
    openid = account.join()
    picture = wechat.media.add("image", sample_picture())
    wechat.menu.publish([{"type": "click", "name": "办事", "key": "k"}])
    tag = wechat.tags.create("餐饮")
    wechat.tags.give(tag, [openid])
    code, _ = wechat.codes.create("QR_LIMIT_STR_SCENE", {"scene": {"scene_str": "大厅"}}, None)
    wechat.notices.consent(openid, "sandbox-event", accept=True)
    wechat.phone.put(openid, "me", "text", "在吗", state="pending")
    snapshot.save()

    again = Wechat(wechat.settings)
    Snapshot(again, path).load()
    news = again.phone.news(openid, 0, 0)
    assert [(message["content"], message["state"]) for message in news["messages"]] == [
        ("欢迎", "sent"),
        ("在吗", "failed"),
    ]
    assert news["following"] is True
    assert news["consents"] == {"sandbox-event": 1}
    assert again.media.read(again.media.find(picture.id)) == sample_picture()
    assert again.menu.published == wechat.menu.published
    assert again.phone.openids(tag) == [openid]
    assert again.codes.find(code.ticket) == code
    assert again.phone.put(openid, "account", "text", "在", via="service").id > news["messages"][-1]["id"]


def test_an_unreadable_file_is_set_aside(account: Account, tmp_path: Path) -> None:
    wechat = account.wechat
    path = tmp_path / "sandbox.json"
    path.write_text("{broken")
    Snapshot(wechat, path).load()
    assert wechat.phone.followers() == []
    assert path.with_suffix(".broken").read_text() == "{broken"
