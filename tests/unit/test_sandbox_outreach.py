"""What the account sends of its own accord: mass messages, template messages, subscription notifications."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.settings import Settings
from sandbox.media import sample_picture
from tests.waiting import wait_until
from tests.webhook_stub import Delivery, Webhook, webhook
from tests.wechat_account import Account, ahead

BOOKING = {"thing1": {"value": "贷款咨询"}, "time2": {"value": "周一10点"}, "thing3": {"value": "政务大厅"}}
EVENT = {"thing1": {"value": "对接会"}, "time2": {"value": "周三"}, "thing3": {"value": "运河商务区"}}


@pytest.fixture
def stub() -> Iterator[Webhook]:
    with webhook() as stub:
        yield stub


@pytest.fixture
def account(configure: Callable[..., Settings], stub: Webhook) -> Account:
    return Account(configure(TONGQI_ALLOW_CLOCK="1"), stub.url)


def event(stub: Webhook, name: str, number: int = 1) -> Delivery:
    """The n-th event of this name, once it has come."""

    def found() -> list[Delivery]:
        return [delivery for delivery in stub.deliveries if delivery.value("Event") == name]

    wait_until(lambda: len(found()) >= number)
    return found()[number - 1]


def mass(key: str = "", text: str = "本周政策") -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}, "clientmsgid": key}


def test_a_mass_message_to_a_list_ends_in_an_event_with_counts(account: Account, stub: Webhook) -> None:
    people = [account.join(str(n)) for n in range(3)]
    account.wechat.unfollow(people[2])
    answer = account.post("message/mass/send", mass("c1") | {"touser": people})
    done = event(stub, "MASSSENDJOBFINISH")
    counts = [done.value(name) for name in ("MsgID", "TotalCount", "FilterCount", "SentCount", "ErrorCount")]
    assert counts == [str(answer["msg_id"]), "3", "2", "2", "0"]
    assert [account.chat(openid)[-1]["content"] for openid in people[:2]] == ["本周政策", "本周政策"]
    assert account.post("message/mass/get", {"msg_id": answer["msg_id"]})["msg_status"] == "SEND_SUCCESS"
    account.post("message/mass/delete", {"msg_id": answer["msg_id"]})
    assert "删除" in account.chat(people[0])[-1]["content"]
    assert account.post("message/mass/get", {"msg_id": 1})["errcode"] == 40059


def test_the_same_clientmsgid_is_sent_once(account: Account, stub: Webhook) -> None:
    people = [account.join(str(n)) for n in range(2)]
    first = account.post("message/mass/send", mass("c1") | {"touser": people})
    assert account.post("message/mass/send", mass("c1") | {"touser": people})["errcode"] in (45065, 45066)
    event(stub, "MASSSENDJOBFINISH")
    again = account.post("message/mass/send", mass("c1", "别的") | {"touser": people})
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert len(account.chat(people[0])) == 1
    assert account.post("message/mass/send", mass("k" * 33) | {"touser": people})["errcode"] == 45067
    ahead(hours=24, seconds=1)
    account.token = account.stable_token()["access_token"]
    assert account.post("message/mass/send", mass("c1") | {"touser": people})["errcode"] == 0


def test_without_a_clientmsgid_the_same_words_to_the_same_people_are_the_same(account: Account, stub: Webhook) -> None:
    people = [account.join(str(n)) for n in range(2)]
    assert account.post("message/mass/send", mass() | {"touser": people})["errcode"] == 0
    event(stub, "MASSSENDJOBFINISH")
    assert account.post("message/mass/send", mass() | {"touser": people[::-1]})["errcode"] == 45065
    assert account.post("message/mass/send", mass(text="别的") | {"touser": people})["errcode"] == 0


@pytest.mark.parametrize("count", [0, 1, 10_001])
def test_a_list_has_two_to_ten_thousand_people(account: Account, count: int) -> None:
    assert account.post("message/mass/send", mass() | {"touser": ["oA"] * count})["errcode"] == 40130


def test_four_a_month_reach_a_follower(account: Account, stub: Webhook) -> None:
    people = [account.join(str(n)) for n in range(2)]
    codes = [account.post("message/mass/send", mass(str(n)) | {"touser": people})["errcode"] for n in range(5)]
    assert codes == [0, 0, 0, 0, 45028]
    event(stub, "MASSSENDJOBFINISH", 4)
    assert len(account.chat(people[0])) == 4
    fresh = account.join("新来的")
    assert account.post("message/mass/send", mass("6") | {"touser": [*people, fresh]})["errcode"] == 0
    assert event(stub, "MASSSENDJOBFINISH", 5).value("FilterCount") == "1"
    ahead(days=31)
    account.token = account.stable_token()["access_token"]
    assert account.post("message/mass/send", mass("7") | {"touser": people})["errcode"] == 0


def test_by_tag_or_to_everybody_once_a_day(account: Account, stub: Webhook) -> None:
    tagged, _other = account.join(), account.join("她")
    tag = account.post("tags/create", {"tag": {"name": "餐饮"}})["tag"]["id"]
    account.post("tags/members/batchtagging", {"tagid": tag, "openid_list": [tagged]})
    to_tag = {"filter": {"is_to_all": False, "tag_id": tag}}
    assert account.post("message/mass/sendall", mass("a") | to_tag)["errcode"] == 0
    assert event(stub, "MASSSENDJOBFINISH").value("TotalCount") == "1"
    wrong = {"filter": {"is_to_all": False, "group_id": tag}}
    assert account.post("message/mass/sendall", mass("b") | wrong)["errcode"] == 45159
    to_all = {"filter": {"is_to_all": True}}
    assert account.post("message/mass/sendall", mass("c") | to_all)["errcode"] == 0
    assert account.post("message/mass/sendall", mass("d") | to_all)["errcode"] == 45028


def test_sixty_mass_calls_a_minute(account: Account) -> None:
    codes = [account.post("message/mass/send", {"touser": []})["errcode"] for _ in range(61)]
    assert codes == [40130] * 60 + [45011]


def test_pictures_go_out_too_and_a_preview_goes_to_one(account: Account, stub: Webhook) -> None:
    people = [account.join(str(n)) for n in range(2)]
    media_id = account.upload("media/upload", "image", sample_picture())["media_id"]
    body = {"msgtype": "image", "image": {"media_ids": [media_id]}}
    assert account.post("message/mass/preview", body | {"touser": people[0]})["errcode"] == 0
    assert account.chat(people[0])[-1]["details"]["media"] == media_id
    assert account.post("message/mass/send", body | {"touser": people})["errcode"] == 0
    body["image"] = {"media_id": "unknown"}
    assert account.post("message/mass/send", body | {"touser": people})["errcode"] == 40007


def test_a_template_message_ends_in_an_event(account: Account, stub: Webhook) -> None:
    openid = account.join()
    listed = account.get("template/get_all_private_template")["template_list"]
    template = next(each["template_id"] for each in listed if each["title"] == "预约成功通知")
    body = {"touser": openid, "template_id": template, "data": BOOKING, "client_msg_id": "m1"}
    sent = account.post("message/template/send", body)
    done = event(stub, "TEMPLATESENDJOBFINISH")
    assert (done.value("MsgID"), done.value("Status"), done.value("FromUserName")) == (
        str(sent["msgid"]),
        "success",
        openid,
    )
    notice = account.chat(openid)[-1]
    assert (notice["type"], notice["details"]["rows"][0]) == ("notice", ["预约事项", "贷款咨询"])
    assert account.post("message/template/send", body)["errcode"] == 43116
    body["client_msg_id"] = ""
    assert account.post("message/template/send", body | {"template_id": "x"})["errcode"] == 40037
    assert account.post("message/template/send", body | {"data": {}})["errcode"] == 47003
    codes = [account.post("message/template/send", body)["errcode"] for _ in range(10)]
    assert codes == [0] * 9 + [43117]
    account.wechat.unfollow(openid)
    assert account.post("message/template/send", body)["errcode"] == 43004


def test_one_consent_is_one_notification(account: Account, stub: Webhook) -> None:
    openid = account.join()
    body = {"touser": openid, "template_id": "sandbox-event", "data": EVENT}
    assert account.post("message/subscribe/bizsend", body)["errcode"] == 43101
    for _ in range(2):
        account.phone(openid, "consents", {"template_id": "sandbox-event", "accept": True})
    account.phone(openid, "consents", {"template_id": "sandbox-event", "accept": False})
    assert event(stub, "subscribe_msg_popup_event", 3).value("SubscribeStatusString") in ("accept", "reject")
    codes = [account.post("message/subscribe/bizsend", body)["errcode"] for _ in range(3)]
    assert codes == [0, 0, 43101]
    assert event(stub, "subscribe_msg_sent_event", 2).value("ErrorStatus") == "success"


def test_a_long_term_consent_lasts_until_it_is_withdrawn(account: Account, stub: Webhook) -> None:
    openid = account.join()
    policy = {"thing1": {"value": "首贷贴息"}, "thing2": {"value": "小微企业"}, "date3": {"value": "11月22日"}}
    body = {"touser": openid, "template_id": "sandbox-policy", "data": policy}
    account.phone(openid, "consents", {"template_id": "sandbox-policy"})
    assert [account.post("message/subscribe/bizsend", body)["errcode"] for _ in range(3)] == [0, 0, 0]
    account.client.delete(f"/api/followers/{openid}/consents/sandbox-policy")
    assert account.post("message/subscribe/bizsend", body)["errcode"] == 43101
    assert event(stub, "subscribe_msg_change_event").value("SubscribeStatusString") == "reject"
