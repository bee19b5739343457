"""`tongqi menu` and `tongqi qr`: a file checked, compared, published and read back; codes and their pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from click import ClickException
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from app import account
from app.cli import cli
from app.commands.menu import MENU_FILE, read_menu
from tests.wechat_stub import WechatStub, client_of
from wechat_gateway.calls import menu
from wechat_gateway.calls.menu import Button

pytestmark = pytest.mark.usefixtures("configure")
MENU = [{"name": "找政策办事", "sub_button": [{"name": "查政策", "type": "click", "key": "policy_question"}]}]


class MenuStub(WechatStub):
    """Keeps the menu as WeChat does: with an empty `sub_button` in every button."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[dict[str, Any]] | None = None
        self.swallows = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        response = super().__call__(request)
        if request.url.path == "/cgi-bin/menu/create":
            buttons = self.body()["button"]
            self.published = [{"sub_button": [], **button} for button in buttons[: 0 if self.swallows else None]]
        if request.url.path == "/cgi-bin/menu/get":
            if self.published is None:
                return httpx.Response(200, json={"errcode": 46003, "errmsg": "menu no exist"})
            return httpx.Response(200, json={"menu": {"button": self.published}})
        return response


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> MenuStub:
    stub = MenuStub()
    client = client_of(stub)
    monkeypatch.setattr(account, "get_client", lambda: client)
    return stub


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, MENU)


def write(folder: Path, buttons: Any) -> Path:
    path = folder / "menu.yml"
    path.write_text(yaml.safe_dump({"button": buttons}, allow_unicode=True), "utf-8")
    return path


def tongqi(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_the_menu_of_the_product_can_be_published(stub: MenuStub) -> None:
    assert list(menu.problems_of(read_menu(MENU_FILE))) == []
    shown = tongqi("menu", "publish")
    assert shown.exit_code == 0, shown.output
    assert [button["name"] for button in stub.published or []] == ["创业贷款", "找政策办事", "我的"]


def test_a_dry_run_shows_the_difference_and_changes_nothing(stub: MenuStub, file: Path) -> None:
    stub.published = [{"name": "旧菜单", "type": "view", "url": "https://a/", "sub_button": []}]
    shown = tongqi("menu", "publish", "--file", file, "--dry-run")
    assert shown.exit_code == 0
    assert "-- name: 旧菜单" in shown.output
    assert "+- name: 找政策办事" in shown.output
    assert "/cgi-bin/menu/create" not in stub.paths()


def test_an_equal_menu_is_not_published_again(stub: MenuStub, file: Path) -> None:
    assert tongqi("menu", "publish", "--file", file).exit_code == 0
    assert "no difference" in tongqi("menu", "publish", "--file", file, "--dry-run").output
    assert "no difference" in tongqi("menu", "publish", "--file", file).output
    assert stub.paths().count("/cgi-bin/menu/create") == 1


def test_what_was_published_is_read_back(stub: MenuStub, file: Path) -> None:
    stub.swallows = True
    shown = tongqi("menu", "publish", "--file", file)
    assert shown.exit_code == 1
    assert "something else" in shown.output


def test_show(stub: MenuStub, file: Path) -> None:
    assert "no menu" in tongqi("menu", "show").output
    tongqi("menu", "publish", "--file", file)
    shown = tongqi("menu", "show").output
    assert yaml.safe_load(shown[shown.index("button:") :]) == {"button": MENU}  # logs come before it


def test_a_refusal_is_one_line_that_names_it(stub: MenuStub, file: Path) -> None:
    stub.answers["/cgi-bin/menu/create"] = [{"errcode": 48001, "errmsg": "api unauthorized"}]
    stub.published = []
    shown = tongqi("menu", "publish", "--file", file)
    assert shown.exit_code == 1
    assert "48001 api_unauthorized" in shown.output
    assert "docs/howto/wechat.md" in shown.output


LEAF = {"name": "查政策", "type": "click", "key": "help"}


@pytest.mark.parametrize(
    ("buttons", "said"),
    [
        ([], "1 to 3 buttons"),
        ([LEAF] * 4, "1 to 3 buttons, not 4"),
        ([{"name": "我的", "sub_button": [LEAF] * 6}], "at most 5"),
        ([{**LEAF, "name": "六个字的名称"}], "16 bytes, not 18"),
        ([{"name": "我的", "sub_button": [{**LEAF, "name": "字" * 21}]}], "60 bytes, not 63"),
        ([{**LEAF, "key": "k" * 129}], "128 bytes"),
        ([{**LEAF, "key": "fortune"}], "no intent"),
        ([{"name": "我的", "sub_button": [{**LEAF, "key": "fortune"}]}], "no intent"),
        ([{**LEAF, "key": ""}], "needs key"),
        ([{"name": "网站", "type": "view"}], "needs url"),
        ([{"name": "网站", "type": "view", "url": "ftp://a"}], "https://"),
        ([{"name": "预约", "type": "miniprogram", "url": "https://a/", "appid": "wx1"}], "needs pagepath"),
        ([{"name": "预约", "type": "say"}], "type is one of"),
        ([{**LEAF, "sub_button": [LEAF]}], "not both"),
        ([{"name": "我的", "sub_button": [{"name": "再", "sub_button": [LEAF]}]}], "two levels"),
        ([{"type": "click"}], "has a name"),
        ([{**LEAF, "colour": "red"}], "colour"),
        ([{**LEAF, "key": 7}], "key"),
        ("menu", "list of buttons"),
        (None, "list of buttons"),
    ],
)
def test_a_menu_that_wechat_would_not_take_is_explained(
    stub: MenuStub, tmp_path: Path, buttons: Any, said: str
) -> None:
    shown = tongqi("menu", "publish", "--file", write(tmp_path, buttons))
    assert shown.exit_code == 1
    assert said in shown.output
    assert stub.requests == []


@pytest.mark.parametrize("content", [b"button: [", b"\xff\xfe", b"- a", b""])
def test_a_file_that_is_no_menu_is_explained(stub: MenuStub, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "menu.yml"
    path.write_bytes(content)
    with pytest.raises(ClickException):
        read_menu(path)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "type", "key", "sub_button", "x"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(_json)
def test_anything_is_read_as_buttons_or_refused(data: Any) -> None:
    try:
        buttons = menu.read_buttons(data)
    except ValueError:
        return
    assert all(isinstance(button, Button) for button in buttons)


def test_a_type_that_we_do_not_know_can_still_be_shown(stub: MenuStub) -> None:
    stub.published = [{"name": "新", "type": "brand_new", "value": {"a": 1}, "sub_button": []}]
    assert "brand_new" in tongqi("menu", "show").output


def test_without_an_account_the_stand_in_is_asked(
    configure: Callable[..., Any], stub: MenuStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(WECHAT_APP_ID="", SANDBOX_BIND="127.0.0.1:8199")
    seen: dict[str, str] = {}
    monkeypatch.setattr(account, "override", seen.update)
    assert tongqi("menu", "show").exit_code == 0
    assert seen["WECHAT_API_BASE_URL"] == "http://127.0.0.1:8199"
    assert seen["WECHAT_APP_ID"]


def test_a_code_with_its_picture(stub: MenuStub, tmp_path: Path) -> None:
    stub.answers["/cgi-bin/qrcode/create"] = [{"ticket": "T", "expire_seconds": 604800, "url": "http://weixin/q"}]
    stub.answers["/cgi-bin/showqrcode"] = [
        httpx.Response(200, content=b"\xff\xd8\xff", headers={"Content-Type": "image/jpg"})
    ]
    shown = tongqi("qr", "create", "source:expo", "--days", 7, "--out", tmp_path / "expo.jpg")
    assert shown.exit_code == 0, shown.output
    assert (tmp_path / "expo.jpg").read_bytes() == b"\xff\xd8\xff"
    assert "http://weixin/q" in shown.output
    assert "7 days" in shown.output
    assert stub.body(0)["expire_seconds"] == 604800


def test_a_code_lasts_thirty_days_or_for_ever(stub: MenuStub) -> None:
    stub.answers["/cgi-bin/qrcode/create"] = [{"ticket": "T", "url": "http://weixin/q"}]
    tongqi("qr", "create", "event:17")
    assert stub.body()["expire_seconds"] == 2_592_000
    assert "for ever" in tongqi("qr", "create", "event:17", "--permanent").output
    assert stub.body()["action_name"] == "QR_LIMIT_STR_SCENE"


@pytest.mark.parametrize(
    "arguments",
    [
        ["expo"],
        ["shop:1"],
        ["source:"],
        ["source:" + "x" * 58],
        ["source:a", "--permanent", "--days", "3"],
        ["source:a", "--days", "31"],
    ],
)
def test_codes_that_cannot_be_made(stub: MenuStub, arguments: list[str]) -> None:
    assert tongqi("qr", "create", *arguments).exit_code == 2
    assert stub.requests == []


def test_a_picture_that_cannot_be_kept_is_said(stub: MenuStub, tmp_path: Path) -> None:
    stub.answers["/cgi-bin/qrcode/create"] = [{"ticket": "T", "url": "http://weixin/q"}]
    shown = tongqi("qr", "create", "event:17", "--out", tmp_path / "absent" / "a.jpg")
    assert shown.exit_code == 1
    assert "a.jpg" in shown.output
