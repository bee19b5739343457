"""The single calls: what WeChat is told, what is made of its answer, what is refused before it is asked."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.wechat_stub import WechatStub
from wechat_gateway.calls import account, human, notifications, qrcode, service, tags, users
from wechat_gateway.calls.notifications import MiniProgram
from wechat_gateway.calls.publishing import DraftArticle
from wechat_gateway.client import WechatClient
from wechat_gateway.errors import WechatError
from wechat_gateway.message import Article, Choice, Image, Menu, Message, MiniProgramPage, Text, Transfer

pytestmark = pytest.mark.usefixtures("configure")
ARTICLE = DraftArticle("标题", "<p>正文</p>", "THUMB")


@pytest.mark.parametrize(
    ("message", "body"),
    [
        (Text("您好"), {"msgtype": "text", "text": {"content": "您好"}}),
        (Image("M"), {"msgtype": "image", "image": {"media_id": "M"}}),
        (
            Article("题", "述", "https://a/", "https://b/"),
            {
                "msgtype": "news",
                "news": {
                    "articles": [{"title": "题", "description": "述", "url": "https://a/", "picurl": "https://b/"}]
                },
            },
        ),
        (
            Menu("您想问?", (Choice("1", "额度"), Choice("2", "材料"))),
            {
                "msgtype": "msgmenu",
                "msgmenu": {
                    "head_content": "您想问?",
                    "list": [{"id": "1", "content": "额度"}, {"id": "2", "content": "材料"}],
                    "tail_content": "",
                },
            },
        ),
        (
            MiniProgramPage("预约", "wx1", "pages/a", "T"),
            {
                "msgtype": "miniprogrampage",
                "miniprogrampage": {"title": "预约", "appid": "wx1", "pagepath": "pages/a", "thumb_media_id": "T"},
            },
        ),
        (Transfer(), {"msgtype": "text", "text": {"content": Transfer().fallback}}),
    ],
)
def test_service_messages(stub: WechatStub, client: WechatClient, message: Message, body: dict[str, Any]) -> None:
    service.send(client, "o-a", message)
    assert stub.paths() == ["/cgi-bin/message/custom/send"]
    assert stub.body() == {"touser": "o-a", **body}


@pytest.mark.parametrize(
    "message",
    [Text(""), Text("贷" * 683), Menu("?", ()), Menu("?", (Choice("", "一"),)), Menu("?", (Choice("i" * 65, "一"),))],
)
def test_service_messages_beyond_the_limits(stub: WechatStub, client: WechatClient, message: Message) -> None:
    with pytest.raises(ValueError, match="has"):
        service.send(client, "o-a", message)
    assert stub.calls() == []


def test_a_text_of_the_largest_size_goes_out(stub: WechatStub, client: WechatClient) -> None:
    service.send(client, "o-a", Text("贷" * 682 + "a"))
    assert len(stub.calls()) == 1


@pytest.mark.parametrize(("on", "command"), [(True, "Typing"), (False, "CancelTyping")])
def test_typing(stub: WechatStub, client: WechatClient, on: bool, command: str) -> None:
    service.typing(client, "o-a", on)
    assert stub.body() == {"touser": "o-a", "command": command}


def test_a_temporary_code_says_how_long_it_lasts(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/qrcode/create"] = [{"ticket": "a+b=", "expire_seconds": 604800, "url": "http://weixin/q"}]
    code = qrcode.temporary(client, "source:expo", 604800)
    assert stub.body() == {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": 604800,
        "action_info": {"scene": {"scene_str": "source:expo"}},
    }
    assert (code.ticket, code.expires_in) == ("a+b=", 604800)
    assert code.picture_url.endswith("/cgi-bin/showqrcode?ticket=a%2Bb%3D")


def test_a_permanent_code_has_no_end(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/qrcode/create"] = [{"ticket": "T", "url": "http://weixin/q"}]
    assert qrcode.permanent(client, "group:1").expires_in is None
    assert stub.body()["action_name"] == "QR_LIMIT_STR_SCENE"


def test_the_picture_of_a_real_account_is_on_wechats_pages(
    configure: Callable[..., Any], stub: WechatStub, client: WechatClient
) -> None:
    settings = configure(WECHAT_API_BASE_URL="https://api.weixin.qq.com")
    assert WechatClient(settings, None).pages_url == "https://mp.weixin.qq.com"  # type: ignore[arg-type]


def test_the_picture_is_fetched_without_the_token(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/qrcode/create"] = [{"ticket": "T", "url": "http://weixin/q"}]
    code = qrcode.permanent(client, "group:1")
    stub.answers["/cgi-bin/showqrcode"] = [
        httpx.Response(200, content=b"\xff\xd8\xff", headers={"Content-Type": "image/jpg"})
    ]
    assert qrcode.picture(client, code) == b"\xff\xd8\xff"
    assert dict(stub.calls()[-1].url.params) == {"ticket": "T"}


@pytest.mark.parametrize(("scene", "seconds"), [("a", 0), ("a", 2_592_001), ("", 60), ("x" * 65, 60)])
def test_codes_beyond_the_limits(client: WechatClient, scene: str, seconds: int) -> None:
    with pytest.raises(ValueError, match="1 to"):
        qrcode.temporary(client, scene, seconds)


def test_tagging_goes_in_parts_of_fifty(stub: WechatStub, client: WechatClient) -> None:
    openids = [f"o{number}" for number in range(101)]
    tags.tag(client, 7, openids)
    bodies = [stub.body(index) for index in range(3)]
    assert [len(body["openid_list"]) for body in bodies] == [50, 50, 1]
    assert [openid for body in bodies for openid in body["openid_list"]] == openids
    assert {body["tagid"] for body in bodies} == {7}
    tags.untag(client, 7, ["o1"])
    assert stub.paths()[-1] == "/cgi-bin/tags/members/batchuntagging"


def test_tags(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/tags/create"] = [{"tag": {"id": 134, "name": "文旅"}}]
    stub.answers["/cgi-bin/tags/get"] = [{"tags": [{"id": 134, "name": "文旅", "count": 3}]}]
    assert tags.create(client, "文旅") == tags.Tag(134, "文旅")
    assert tags.list_all(client) == [tags.Tag(134, "文旅", 3)]
    tags.rename(client, 134, "文化旅游")
    assert stub.body() == {"tag": {"id": 134, "name": "文化旅游"}}
    tags.delete(client, 134)
    assert stub.body() == {"tag": {"id": 134}}


@pytest.mark.parametrize("name", ["", "标" * 31])
def test_names_of_tags_beyond_the_limits(client: WechatClient, name: str) -> None:
    with pytest.raises(ValueError, match="30"):
        tags.create(client, name)


def test_members_of_a_tag_are_read_page_by_page(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/user/tag/get"] = [
        {"count": 2, "data": {"openid": ["a", "b"]}, "next_openid": "b"},
        {"count": 0, "next_openid": ""},
    ]
    assert list(tags.members(client, 7)) == ["a", "b"]
    assert [stub.body(index)["next_openid"] for index in range(2)] == ["", "b"]


def test_followers_are_read_page_by_page(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/user/get"] = [
        {"total": 3, "count": 2, "data": {"openid": ["a", "b"]}, "next_openid": "b"},
        {"total": 3, "count": 1, "data": {"openid": ["c"]}, "next_openid": ""},
    ]
    assert list(users.openids(client)) == ["a", "b", "c"]
    assert stub.calls()[1].url.params["next_openid"] == "b"


def test_what_wechat_tells_of_a_follower(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/user/info"] = [
        {
            "subscribe": 1,
            "openid": "o-a",
            "subscribe_time": 1700000000,
            "remark": "",
            "tagid_list": [2, 134],
            "subscribe_scene": "ADD_SCENE_QR_CODE",
            "qr_scene_str": "source:expo",
        }
    ]
    user = users.info(client, "o-a")
    assert user.subscribe_time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (user.tag_ids, user.qr_scene_str, user.unionid) == ((2, 134), "source:expo", None)


def test_of_one_who_has_left_nothing_is_known(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/user/info"] = [{"subscribe": 0, "openid": "o-a"}]
    assert users.info(client, "o-a") == users.User("o-a", False)


def test_template_messages(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/message/template/send"] = [{"errcode": 0, "msgid": 200163836}]
    fields, page = {"thing1": "路演"}, MiniProgram("wx1", "pages/a")
    sent = notifications.send_template(
        client, "o-a", "T", fields, url="https://a/", mini_program=page, client_msg_id="event-17"
    )
    assert sent == 200163836
    assert stub.body() == {
        "touser": "o-a",
        "template_id": "T",
        "url": "https://a/",
        "miniprogram": {"appid": "wx1", "pagepath": "pages/a"},
        "client_msg_id": "event-17",
        "data": {"thing1": {"value": "路演"}},
    }


@pytest.mark.parametrize("key", ["x" * 33, "a b", "活动"])
def test_a_key_that_wechat_would_not_take(client: WechatClient, key: str) -> None:
    with pytest.raises(ValueError, match="32"):
        notifications.send_template(client, "o-a", "T", {}, client_msg_id=key)


def test_subscription_notifications(stub: WechatStub, client: WechatClient) -> None:
    notifications.send_subscription(client, "o-a", "T", {"thing1": "路演"}, page="https://a/")
    assert stub.paths() == ["/cgi-bin/message/subscribe/bizsend"]
    assert stub.body() == {
        "touser": "o-a",
        "template_id": "T",
        "page": "https://a/",
        "data": {"thing1": {"value": "路演"}},
    }


def test_templates(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/template/get_all_private_template"] = [
        {"template_list": [{"template_id": "T", "title": "预约", "content": "{{thing1.DATA}}", "example": "例"}]}
    ]
    stub.answers["/wxaapi/newtmpl/gettemplate"] = [
        {"data": [{"priTmplId": "P", "title": "活动", "content": "c", "example": "e", "type": 3}]}
    ]
    assert notifications.templates(client) == [notifications.Template("T", "预约", "{{thing1.DATA}}", "例")]
    assert notifications.subscription_templates(client)[0].long_term


def test_the_human_service(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/customservice/getonlinekflist"] = [
        {"kf_online_list": [{"kf_account": "a@tongqi", "status": 3, "kf_id": "1001", "accepted_case": 2}]}
    ]
    stub.answers["/customservice/kfsession/getsession"] = [
        {"createtime": 123, "kf_account": "a@tongqi"},
        {"errcode": 0},
    ]
    agent = human.online(client)[0]
    assert (agent.account, agent.serving) == ("a@tongqi", 2)
    assert human.Presence.MOBILE in agent.presence
    human.create_session(client, "o-a", agent.account)
    assert stub.body() == {"kf_account": "a@tongqi", "openid": "o-a"}
    assert human.session(client, "o-a") == human.Session("a@tongqi", 123)
    human.close_session(client, "o-a", agent.account)
    assert human.session(client, "o-a") is None


@pytest.mark.parametrize(
    ("code", "name"), [(65400, "service_not_enabled"), (61458, "served_by_another"), (61459, "agent_offline")]
)
def test_why_a_follower_cannot_be_handed_over(stub: WechatStub, client: WechatClient, code: int, name: str) -> None:
    stub.answers["/customservice/kfsession/create"] = [{"errcode": code, "errmsg": ""}]
    with pytest.raises(WechatError) as caught:
        human.create_session(client, "o-a", "a@tongqi")
    assert caught.value.name == name


def test_the_accounts_quotas_and_addresses(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/openapi/quota/get"] = [
        {
            "quota": {"daily_limit": 500000, "used": 10, "remain": 499990},
            "rate_limit": {"call_count": 5000, "refresh_second": 60},
        }
    ]
    stub.answers["/cgi-bin/get_api_domain_ip"] = [{"ip_list": ["203.0.113.1"]}]
    stub.answers["/cgi-bin/getcallbackip"] = [{"ip_list": ["203.0.113.0/24"]}]
    quota = account.quota(client, "/cgi-bin/message/custom/send")
    assert quota == account.Quota(500000, 10, 499990, 5000, 60)
    assert account.api_addresses(client) == ["203.0.113.1"]
    assert account.callback_addresses(client) == ["203.0.113.0/24"]
    account.clear_quota(client)
    assert stub.body() == {"appid": "wx0123456789abcdef"}


@pytest.mark.parametrize("code", [45009, 45011])
@pytest.mark.pitfall(10)
def test_quotas_are_never_cleared_by_themselves(stub: WechatStub, client: WechatClient, code: int) -> None:
    stub.answers["/cgi-bin/message/custom/send"] = [{"errcode": code}]
    with pytest.raises(WechatError):
        service.send(client, "o-a", Text("您好"))
    assert stub.paths() == ["/cgi-bin/message/custom/send"]
