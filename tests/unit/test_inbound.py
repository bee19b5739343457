"""What is stored of a push, and how a redelivery is told from another message."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechat_gateway.envelope import Refused
from wechat_gateway.inbound import as_list, fields_in, legible, parse, text_of

HEAD = {"ToUserName": "gh_account", "FromUserName": "o-zhang", "CreateTime": "1714037059"}
TEXT = HEAD | {"MsgType": "text", "Content": "贷款", "MsgId": "23456789012345678"}


def event(name: str, **fields: object) -> dict[str, object]:
    return HEAD | {"MsgType": "event", "Event": name} | fields


def key(fields: dict[str, object]) -> str:
    return parse(fields).inbound.dedup_key


def test_a_message_and_whom_it_concerns() -> None:
    push = parse(TEXT)
    assert (push.account, push.inbound.openid, push.inbound.kind) == ("gh_account", "o-zhang", "text")
    assert push.inbound.content["Content"] == "贷款"
    assert not {"FromUserName", "ToUserName"} & set(push.inbound.content)  # the follower can be forgotten


def test_kinds_are_in_lower_case() -> None:
    assert parse(event("SCAN")).inbound.kind == "event:scan"
    assert parse(TEXT | {"MsgType": "Voice"}).inbound.kind == "voice"


def test_messages_are_told_apart_by_their_id_in_xml_and_json() -> None:
    assert key(TEXT) == key(TEXT | {"MsgId": 23456789012345678, "CreateTime": 1714037059})
    assert key(TEXT) != key(TEXT | {"MsgId": "23456789012345679"})


def test_messages_without_an_id_are_told_apart_by_what_they_say() -> None:
    without = {name: value for name, value in TEXT.items() if name != "MsgId"}
    assert key(without) == key(dict(without))
    assert key(without) != key(without | {"Content": "贴息"})


def test_events_are_told_apart_by_sender_time_name_and_key() -> None:
    click = event("CLICK", EventKey="help")
    assert key(click) == key(dict(click)) == key(click | {"CreateTime": 1714037059})
    others = ({"FromUserName": "o-li"}, {"CreateTime": "1714037060"}, {"Event": "VIEW"}, {"EventKey": "human"})
    assert len({key(click), *(key(click | change) for change in others)}) == 5


@pytest.mark.parametrize("name", ["MsgID", "MsgId"])
def test_jobs_that_finish_in_the_same_second_are_two_events(name: str) -> None:
    assert key(event("TEMPLATESENDJOBFINISH", **{name: 1})) != key(event("TEMPLATESENDJOBFINISH", **{name: 2}))
    # The job's id alone does not make it the job's first event: two followers may be told of one job.
    assert key(event("MASSSENDJOBFINISH", **{name: 1})) != key(event("TEMPLATESENDJOBFINISH", **{name: 1}))


@pytest.mark.parametrize("wrapper", ["SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", None])
@pytest.mark.parametrize("several", [True, False])
def test_consents_are_a_list_whichever_way_they_come(wrapper: str | None, several: bool) -> None:
    consents = [{"TemplateId": "a"}, {"TemplateId": "b"}] if several else [{"TemplateId": "a"}]
    holder = {"List": consents if several else consents[0]}
    fields = event("subscribe_msg_change_event", **({wrapper: holder} if wrapper else holder))
    content = parse(fields).inbound.content
    assert content["List"] == consents
    assert wrapper not in content


def test_consents_of_one_second_are_two_events() -> None:
    one, other = ({"SubscribeMsgPopupEvent": {"List": {"TemplateId": name}}} for name in "ab")
    assert key(event("subscribe_msg_popup_event", **one)) != key(event("subscribe_msg_popup_event", **other))


def test_a_withdrawn_authorisation_is_the_persons_not_the_platforms() -> None:
    inbound = parse(event("user_authorization_revoke", OpenID="o-li")).inbound
    assert inbound.openid == "o-li"
    assert "OpenID" not in inbound.content
    assert parse(event("user_info_modified")).inbound.openid == "o-zhang"
    assert parse(event("CLICK", OpenID="o-li")).inbound.openid == "o-zhang"


@pytest.mark.parametrize("name", ["FromUserName", "ToUserName", "MsgType"])
@pytest.mark.parametrize("value", [None, "", " ", [], ["a", "b"], {"a": "b"}, True])
def test_without_sender_receiver_or_kind_it_is_no_push(name: str, value: object) -> None:
    with pytest.raises(Refused, match="fields"):
        parse(TEXT | {name: value})


@pytest.mark.parametrize("name", ["FromUserName", "ToUserName"])
@pytest.mark.parametrize("value", ["o" * 65, "甲", "o\nx"])
def test_addresses_are_short_and_plain(name: str, value: str) -> None:
    with pytest.raises(Refused, match="fields"):
        parse(TEXT | {name: value})


def test_what_no_database_can_hold_is_left_out() -> None:
    assert parse(TEXT | {"Content": "贷\x00款\ud800👍\x08"}).inbound.content["Content"] == "贷款👍"


def test_values_are_cut_and_a_row_stays_small() -> None:
    content = parse(TEXT | {"Content": "字" * 9000, "List": list(range(90))}).inbound.content
    assert len(content["Content"]) == 4000
    assert len(content["List"]) == 50
    heavy = parse(TEXT | {f"F{number}": "👍" * 4000 for number in range(30)}).inbound.content
    assert len(json.dumps(heavy)) < 64 * 1024
    assert heavy["Content"] == "贷款"  # what does not fit is left out, not what comes first


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*TEXT, "Event", "EventKey", "List", "OpenID"]), _values))
def test_a_push_is_bounded_json_whatever_its_fields_hold(fields: dict[str, object]) -> None:
    inbound = parse(TEXT | {"MsgType": "event"} | fields | HEAD | {"MsgType": "event"}).inbound
    assert len(inbound.kind) <= 32
    assert len(inbound.dedup_key) == 64
    json.dumps(inbound.content).encode()


def test_fields_are_read_whatever_they_hold() -> None:
    fields = {"text": " a ", "number": 7, "yes": True, "list": ["a"], "inner": {"b": "c"}}
    assert [text_of(fields, name) for name in (*fields, "missing")] == ["a", "7", "", "", "", ""]
    assert [fields_in(fields, name) for name in ("inner", "text", "missing")] == [{"b": "c"}, {}, {}]
    assert [as_list(value) for value in (None, {"a": 1}, [1, 2])] == [[], [{"a": 1}], [1, 2]]


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_legible_text_can_be_written(text: str) -> None:
    assert "\x00" not in legible(text)
    legible(text).encode()
