"""Every kind of push, by one contract: a file in handlers/ is enough to take part."""

import importlib
import json
import pkgutil
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.intents import INTENTS
from conversations.inbox import Inbound, Reaction
from core.settings import Settings
from wechat_gateway import handlers
from wechat_gateway.handlers import handles, react
from wechat_gateway.inbound import MAX_KIND, parse
from wechat_gateway.quota import Opening
from wechat_gateway.scene import Scene, SceneKind
from wechat_gateway.text import LIMIT

Configure = Callable[..., Settings]

MEDIA = ["image", "voice", "video", "shortvideo", "file"]
MESSAGES = ["text", *MEDIA, "location", "link", "miniprogrampage", "new-kind"]
MOMENTS = ["subscribe", "SCAN", "CLICK", "scancode_push", "scancode_waitmsg"]  # the quota table: follow, scan, click
FOLLOWERS = [
    *("unsubscribe", "LOCATION", "VIEW", "view_miniprogram", "location_select"),
    *("pic_sysphoto", "pic_photo_or_album", "pic_weixin"),
    *("subscribe_msg_popup_event", "subscribe_msg_change_event"),
    *("kf_create_session", "kf_close_session", "kf_switch_session"),
    *("user_authorization_cancellation", "new-event"),
]
ACCOUNTS = [
    *("TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH", "PUBLISHJOBFINISH", "subscribe_msg_sent_event"),
    *("user_info_modified", "user_authorization_revoke"),
]


def reaction_to(kind: str, *, event: bool = False, **content: object) -> Reaction:
    """What a push amounts to, on the whole way from its fields."""
    head = {"ToUserName": "gh", "FromUserName": "o", "CreateTime": 1}
    typed = {"MsgType": "event", "Event": kind} if event else {"MsgType": kind, "MsgId": 1}
    return react(parse(head | content | typed).inbound)


def on(event: str, **content: object) -> Reaction:
    return reaction_to(event, event=True, **content)


def test_every_message_without_words_is_answered_politely(configure: Configure) -> None:
    for kind in MESSAGES:
        reaction = reaction_to(kind)
        assert reaction.replies, kind
        assert (reaction.utterance, reaction.intent, reaction.opening) == (None, None, Opening.MESSAGE), kind
        assert reaction.by_follower


def test_every_event_opens_what_the_platform_opens(configure: Configure) -> None:
    assert {event: on(event).opening for event in MOMENTS} == dict.fromkeys(MOMENTS, Opening.MOMENT)
    for event in [*FOLLOWERS, *ACCOUNTS]:
        assert (on(event).opening, on(event).replies) == (None, ()), event


def test_what_concerns_the_account_is_not_a_followers_doing(configure: Configure) -> None:
    assert not any(on(event).by_follower for event in ACCOUNTS)
    assert all(on(event).by_follower for event in [*MOMENTS, *FOLLOWERS])


_names = ["Content", "bizmsgmenuid", "EventKey", "MediaId", "Recognition", "Label", "Title", "KfAccount", "ToKfAccount"]
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["/human", "event:", "<a>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ScanResult", "a"]), inner),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from([*MESSAGES, *(f"event:{event.lower()}" for event in [*MOMENTS, *FOLLOWERS, *ACCOUNTS])]),
    content=st.dictionaries(st.sampled_from([*_names, "ScanCodeInfo"]), _values),
)
def test_no_content_disturbs_a_handler(configure: Configure, kind: str, content: dict[str, object]) -> None:
    reaction = react(Inbound("o", "k", kind[:MAX_KIND], content))
    assert all(0 < len(reply.encode()) <= LIMIT for reply in reaction.replies)
    assert reaction.opening or not (reaction.replies or reaction.intent or reaction.utterance)
    assert not (reaction.replies and (reaction.intent or reaction.utterance))  # one answer, not two
    assert reaction.intent is None or reaction.intent.removeprefix("/").partition("{")[0] in INTENTS


@pytest.mark.pitfall(10)
def test_only_words_reach_the_dialogue() -> None:
    assert reaction_to("text", Content=" 贷款 ") == Reaction(utterance="贷款", opening=Opening.MESSAGE)
    assert reaction_to("image", Content="贷款").utterance is None
    assert len(reaction_to("text", Content="贷" * 9000).utterance or "") == 2000


def test_a_typed_slash_is_words_not_a_button() -> None:
    assert reaction_to("text", Content="/human").intent is None


def test_a_tapped_choice_is_a_menu_click() -> None:
    tapped = reaction_to("text", Content="找人工", bizmsgmenuid="human")
    assert tapped == Reaction(intent="/human", utterance="找人工", opening=Opening.MOMENT)
    numbered = reaction_to("text", Content="海淀", bizmsgmenuid="17.2")
    assert numbered == Reaction(choice="17.2", utterance="海淀", opening=Opening.MOMENT)
    from_json = reaction_to("text", Content="甲", bizmsgmenuid=101)
    assert from_json == Reaction(choice="101", utterance="甲", opening=Opening.MOMENT)


def test_spoken_words_reach_the_dialogue_and_the_sound_staff() -> None:
    heard = reaction_to("voice", Recognition="贷款。", MediaId="m")
    assert heard == Reaction(utterance="贷款。", opening=Opening.MESSAGE, media_id="m")
    (please_type,) = reaction_to("voice", Recognition="", MediaId="m").replies
    assert "打字" in please_type and "人工" in please_type


def test_what_wechat_keeps_is_fetched_for_staff() -> None:
    for kind in MEDIA:
        assert reaction_to(kind, MediaId="m").media_id == "m", kind
        assert reaction_to(kind, MediaId="m" * 201).media_id is None, kind
    assert len({reaction_to(kind).replies for kind in MEDIA}) == 4  # both kinds of video in the same words


def test_places_and_links_are_named_without_their_markup() -> None:
    assert "“通州区 运河东大街”" in reaction_to("location", Label="通州区\n运河东大街").replies[0]
    (reply,) = reaction_to("link", Title='<a href="http://evil">领补贴</a>' + "长" * 500).replies
    assert "领补贴" in reply and "<" not in reply and len(reply) < 200
    assert "《" not in reaction_to("link").replies[0]


def test_a_menu_button_acts_as_the_intent_it_names() -> None:
    for key in ("loan_info", "/loan_info"):
        assert on("CLICK", EventKey=key) == Reaction(intent="/loan_info", opening=Opening.MOMENT)
    assert on("CLICK", EventKey="newer-than-us").replies


def test_scanning_an_events_code_checks_in() -> None:
    scene = Scene(SceneKind.EVENT, '沙龙"}')
    reaction = on("SCAN", EventKey=str(scene))
    assert (reaction.scene, reaction.opening, reaction.replies) == (scene, Opening.MOMENT, ())
    name, brace, entities = (reaction.intent or "").partition("{")
    assert name == "/event_checkin"
    assert json.loads(brace + entities) == {"event": '沙龙"}'}


def test_scanning_other_codes_carries_their_scene() -> None:
    group, source = on("SCAN", EventKey="group:zhangjiawan"), on("SCAN", EventKey="17")
    assert group.scene == Scene(SceneKind.GROUP, "zhangjiawan")
    assert source.scene == Scene(SceneKind.SOURCE, "17")
    assert "群" in group.replies[0] and group.replies != source.replies
    assert on("SCAN").scene is None


def test_a_menus_scanner_knows_our_codes_only() -> None:
    for event in ("scancode_waitmsg", "scancode_push"):
        ours = on(event, EventKey="scan", ScanCodeInfo={"ScanType": "qrcode", "ScanResult": "event:salon"})
        assert ours == on("SCAN", EventKey="event:salon")
    other = {"ScanType": "barcode", "ScanResult": "EAN_13,6901234567892"}
    waited, opened = (on(event, ScanCodeInfo=other) for event in ("scancode_waitmsg", "scancode_push"))
    assert waited.replies and waited.scene is None
    assert not opened.replies and opened.scene is None


def test_following_is_welcomed_with_the_codes_scene(configure: Configure) -> None:
    plain = on("subscribe")
    checkin, group = (on("subscribe", EventKey=f"qrscene_{scene}") for scene in ("event:salon", "group:a"))
    assert plain.scene is None and "小通" in plain.replies[0] and "人工" in plain.replies[0]
    assert checkin.scene == Scene(SceneKind.EVENT, "salon")
    assert checkin.intent is None and "再扫一次" in checkin.replies[0]
    assert all(reaction.replies[0].startswith(plain.replies[0]) for reaction in (checkin, group))
    assert on("subscribe", EventKey="qrscene_source:expo").replies == plain.replies


def test_who_leaves_is_forgotten() -> None:
    assert on("unsubscribe") == Reaction(unfollows=True)
    assert on("user_authorization_cancellation", OpenID="o").unfollows
    assert not on("user_authorization_revoke", OpenID="o").unfollows  # may well go on following


def test_the_desk_takes_over_and_gives_back() -> None:
    assert on("kf_create_session", KfAccount="li@account") == Reaction(agent="li@account")
    assert on("kf_switch_session", FromKfAccount="li@account", ToKfAccount="wu@account") == Reaction(agent="wu@account")
    assert on("kf_close_session", KfAccount="wu@account") == Reaction(agent="")
    assert on("kf_create_session") == Reaction()  # without a name it must not mean that nobody is there


def test_every_file_registers_a_kind() -> None:
    for module in pkgutil.iter_modules(handlers.__path__, f"{handlers.__name__}."):
        own = importlib.import_module(module.name)
        assert any(handler.__module__ == own.__name__ for handler in handlers._HANDLERS.values()), module.name


def test_every_known_kind_has_a_handler_of_its_own() -> None:
    known = [*MESSAGES, *(f"event:{event.lower()}" for event in [*MOMENTS, *FOLLOWERS, *ACCOUNTS])]
    missing = [kind for kind in known if kind[:MAX_KIND] not in handlers._HANDLERS]
    assert missing == ["new-kind", "event:new-event"]


def test_one_kind_has_one_handler() -> None:
    with pytest.raises(ValueError, match="two handlers"):
        handles("text")(react)  # type: ignore[arg-type]


def test_a_file_is_said_to_be_kept_only_where_it_can_be() -> None:
    kept, lost = (react(Inbound("o", "k", "file", content)) for content in ({"MediaId": "m"}, {"Title": "x.pdf"}))
    assert (kept.media_id, "留给工作人员" in kept.replies[0]) == ("m", True)
    assert (lost.media_id, "留给工作人员" in lost.replies[0]) == (None, False)
