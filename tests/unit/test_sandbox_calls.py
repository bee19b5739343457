"""The calls about followers and material: tags, users, QR codes, media, drafts, limits."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest

from core.settings import Settings
from sandbox.media import SILENCE, sample_picture
from tests.waiting import wait_until
from tests.webhook_stub import Webhook, webhook
from tests.wechat_account import Account, ahead

JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


@pytest.fixture
def stub() -> Iterator[Webhook]:
    with webhook() as stub:
        yield stub


@pytest.fixture
def account(configure: Callable[..., Settings], stub: Webhook) -> Account:
    return Account(configure(TONGQI_ALLOW_CLOCK="1"), stub.url)


def test_tags_are_made_given_listed_and_deleted(account: Account) -> None:
    openid, other = account.join(), account.join("她")
    tag = account.post("tags/create", {"tag": {"name": "餐饮"}})["tag"]["id"]
    assert account.post("tags/create", {"tag": {"name": "餐饮"}})["errcode"] == 45157
    assert account.post("tags/create", {"tag": {"name": "长" * 31}})["errcode"] == 45158
    assert account.post("tags/members/batchtagging", {"tagid": tag, "openid_list": [openid, other]})["errcode"] == 0
    assert account.get("user/info", openid=openid)["tagid_list"] == [tag]
    assert account.post("user/tag/get", {"tagid": tag})["data"]["openid"] == [openid, other]
    assert {"id": tag, "name": "餐饮", "count": 2} in account.get("tags/get")["tags"]
    account.post("tags/members/batchuntagging", {"tagid": tag, "openid_list": [other]})
    assert account.post("tags/getidlist", {"openid": other})["tagid_list"] == []
    assert account.post("tags/delete", {"tag": {"id": tag}})["errcode"] == 0
    assert account.get("user/info", openid=openid)["tagid_list"] == []
    assert account.post("tags/delete", {"tag": {"id": 2}})["errcode"] == 45058


def test_the_limits_of_tags(account: Account) -> None:
    openid = account.join()
    numbers = [account.post("tags/create", {"tag": {"name": str(n)}})["tag"]["id"] for n in range(100)]
    assert account.post("tags/create", {"tag": {"name": "又一个"}})["errcode"] == 45056
    for number in numbers[:20]:
        account.post("tags/members/batchtagging", {"tagid": number, "openid_list": [openid]})
    give = {"tagid": numbers[20], "openid_list": [openid]}
    assert account.post("tags/members/batchtagging", give)["errcode"] == 45059
    assert account.post("tags/members/batchtagging", give | {"openid_list": [openid] * 51})["errcode"] == 40032
    assert account.post("tags/members/batchtagging", give | {"openid_list": ["oNobody"]})["errcode"] == 49003
    assert account.post("tags/members/batchtagging", give | {"tagid": 9999})["errcode"] == 45159


def test_followers_are_listed_and_described(account: Account) -> None:
    first, second = account.join(), account.join("她")
    page = account.get("user/get")
    assert (page["total"], page["data"]["openid"], page["next_openid"]) == (2, [first, second], second)
    assert account.get("user/get", next_openid=first)["data"]["openid"] == [second]
    assert account.get("user/get", next_openid="oNobody")["errcode"] == 40003
    account.post("user/info/updateremark", {"openid": first, "remark": "老客户"})
    both = account.post("user/info/batchget", {"user_list": [{"openid": first}, {"openid": second}]})["user_info_list"]
    assert [user["remark"] for user in both] == ["老客户", ""]


@pytest.mark.parametrize(
    ("body", "scene", "lasts"),
    [
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "event:12"}}}, "event:12", 60),
        (
            {"expire_seconds": 2592000, "action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 7}}},
            "7",
            2592000,
        ),
        ({"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "大厅"}}}, "大厅", None),
    ],
)
def test_a_code_carries_its_scene_as_long_as_it_lasts(
    account: Account, stub: Webhook, body: dict[str, object], scene: str, lasts: int | None
) -> None:
    openid = account.join()
    code = account.post("qrcode/create", body)
    assert code.get("expire_seconds") == lasts
    picture = account.client.get("/cgi-bin/showqrcode", query_string={"ticket": code["ticket"]})
    assert picture.content_type.startswith("image/svg")
    assert account.client.get("/api/codes").json["codes"] == [{"scene": scene, "ticket": code["ticket"]}]
    account.phone(openid, "messages", {"type": "scan", "scene": scene})
    account.settled(openid)
    assert (stub.deliveries[-1].value("EventKey"), stub.deliveries[-1].value("Ticket")) == (scene, code["ticket"])
    if lasts:
        ahead(seconds=lasts)
        assert account.client.get("/cgi-bin/showqrcode", query_string={"ticket": code["ticket"]}).status_code == 404


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"action_name": "QR"}, 40052),
        ({"expire_seconds": 2592001}, 40053),
        ({"action_info": {"scene": {"scene_str": ""}}}, 40053),
        ({"action_info": {"scene": {"scene_str": "长" * 65}}}, 40053),
        ({"action_info": {}}, 40053),
    ],
)
def test_codes_that_cannot_be(account: Account, changed: dict[str, object], errcode: int) -> None:
    body = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "a"}}}
    assert account.post("qrcode/create", body | changed)["errcode"] == errcode


def test_whoever_scans_and_does_not_follow_becomes_a_follower(account: Account, stub: Webhook) -> None:
    openid = account.join()
    account.wechat.unfollow(openid)
    account.settled(openid)
    account.phone(openid, "messages", {"type": "scan", "scene": "source:展会"})
    account.settled(openid)
    event = stub.deliveries[-1]
    assert (event.value("Event"), event.value("EventKey")) == ("subscribe", "qrscene_source:展会")
    assert account.get("user/info", openid=openid)["qr_scene_str"] == "source:展会"


def test_media_can_be_fetched_for_three_days(account: Account) -> None:
    picture = sample_picture()
    media_id = account.upload("media/upload", "image", picture)["media_id"]
    query = {"access_token": account.token, "media_id": media_id}
    answer = account.client.get("/cgi-bin/media/get", query_string=query)
    assert (answer.data, answer.content_type) == (picture, "image/png")
    ahead(days=3)
    account.token = account.stable_token()["access_token"]
    assert account.get("media/get", media_id=media_id)["errcode"] == 40007
    assert account.get("media/get", media_id="../../sandbox.json")["errcode"] == 40007
    assert account.client.get(f"/media/{media_id}").data == picture  # the phone still shows it


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("image", b"<svg onload=alert(1)>", 40005),
        ("image", b"\x89PNG\r\n\x1a\n" + bytes(10 * 2**20), 40006),
        ("voice", SILENCE + bytes(2 * 2**20), 40006),
        ("voice", JPEG, 40005),
        ("thumb", JPEG + bytes(64 * 2**10), 40006),
        ("thumb", sample_picture(), 40005),
        ("video", JPEG, 40005),
        ("file", b"anything", 40004),
        ("image", b"", 41005),
    ],
)
def test_media_that_are_refused(account: Account, kind: str, content: bytes, errcode: int) -> None:
    assert account.upload("media/upload", kind, content)["errcode"] == errcode


def test_what_a_follower_sends_can_be_downloaded(account: Account, stub: Webhook) -> None:
    openid = account.join()
    sent = account.client.post("/api/media?type=image", data={"media": (BytesIO(JPEG), "a.jpg")}).json
    account.phone(openid, "messages", {"type": "image", "media_id": sent["media_id"]})
    account.phone(openid, "messages", {"type": "voice", "recognition": "你好"})
    account.settled(openid)
    pushes = {delivery.value("MsgType"): delivery for delivery in stub.deliveries}
    query = {"access_token": account.token, "media_id": pushes["image"].value("MediaId")}
    assert account.client.get("/cgi-bin/media/get", query_string=query).data == JPEG
    assert pushes["image"].value("PicUrl").endswith(f"/media/{sent['media_id']}")
    query["media_id"] = pushes["voice"].value("MediaId")
    assert account.client.get("/cgi-bin/media/get", query_string=query).data.startswith(b"#!AMR")


def test_permanent_material_stays_until_it_is_deleted(account: Account) -> None:
    media_id = account.upload("material/add_material", "image", JPEG)["media_id"]
    ahead(days=30)
    account.token = account.stable_token()["access_token"]
    assert account.get("material/get_materialcount")["image_count"] == 1
    assert account.post("material/batchget_material", {"type": "image", "offset": 0})["item"][0]["media_id"] == media_id
    assert account.post("material/del_material", {"media_id": media_id})["errcode"] == 0
    assert account.post("material/get_material", {"media_id": media_id})["errcode"] == 40007


def test_a_draft_is_written_and_published(account: Account, stub: Webhook) -> None:
    cover = account.upload("material/add_material", "image", JPEG)["media_id"]
    article = {"title": "首贷贴息", "content": "<p>…</p>", "thumb_media_id": cover}
    assert account.post("draft/add", {"articles": [article | {"title": "长" * 65}]})["errcode"] == 45003
    assert account.post("draft/add", {"articles": [article | {"thumb_media_id": "x"}]})["errcode"] == 40007
    draft = account.post("draft/add", {"articles": [article]})["media_id"]
    changed = {"media_id": draft, "index": 0, "articles": article | {"title": "首贷贴息细则"}}
    assert account.post("draft/update", changed)["errcode"] == 0
    assert account.post("draft/get", {"media_id": draft})["news_item"][0]["title"] == "首贷贴息细则"
    assert account.post("draft/batchget", {"offset": 0, "count": 20})["total_count"] == 1
    publish_id = account.post("freepublish/submit", {"media_id": draft})["publish_id"]
    wait_until(lambda: any(delivery.value("Event") == "PUBLISHJOBFINISH" for delivery in stub.deliveries))
    done = account.post("freepublish/get", {"publish_id": publish_id})
    assert (done["publish_status"], done["article_detail"]["count"]) == (0, 1)
    assert stub.deliveries[-1].value("article_id") == done["article_id"]
    assert account.get("draft/count")["total_count"] == 0
    account.post("freepublish/delete", {"article_id": done["article_id"], "index": 1})
    assert account.post("freepublish/getarticle", {"article_id": done["article_id"]})["news_item"][0]["is_deleted"]
