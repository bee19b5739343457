"""The phone page in a real browser at phone width: a newcomer chats within a minute."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from core.settings import Settings
from sandbox.__main__ import QuietHandler
from sandbox.app import create_app
from sandbox.media import sample_picture
from tests.product import Product
from tests.webhook_stub import Delivery, webhook
from tests.wechat_account import Account

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# A closed network refuses the browser's own background calls, many at a time.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=20_000)  # ms; the default of five is short for a machine that does other things too

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: `make test` as root installs one"),
]


@pytest.fixture
def browse() -> Iterator[Callable[..., Page]]:
    """Opens the phone page at an address, 375 px wide unless told; an error in the browser's console fails the test."""
    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def open_page(address: str, width: int = 375) -> Page:
            page = browser.new_page(viewport={"width": width, "height": 740}, locale="zh-CN")
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
            page.goto(address)
            return page

        yield open_page
        browser.close()
    assert troubles == []


@pytest.fixture
def stand_in(configure: Callable[..., Settings]) -> Iterator[tuple[Account, str]]:
    """The stand-in alone, with a webhook that repeats what it is told and hands over who says 人工; its address.

    Asked for before `browse`, it outlives the page: a server that goes first breaks the page's long poll.
    """

    def answer(delivery: Delivery) -> bytes:
        if delivery.value("Content") == "人工":
            xml = delivery.reply("x").replace(b">text<", b">transfer_customer_service<")
            return xml.replace(b"<Content><![CDATA[x]]></Content>", b"")
        return delivery.reply(f"收到 {delivery.value('Content') or delivery.value('EventKey')}")

    with webhook(answer) as stub:
        account = Account(configure(), stub.url)
        account.wechat.trouble = ""
        app = create_app(account.wechat)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield account, f"http://127.0.0.1:{server.port}"
        server.shutdown()
        server.server_close()


def test_a_newcomer_asks_and_is_answered_with_the_source(browse: Callable[..., Page], product: Product) -> None:
    page = browse(product.phone)
    answers = page.locator(".message.from-account .bubble")
    expect(answers.first).to_contain_text("小通", timeout=20_000)
    box = page.locator("#text")
    box.fill("小型微利企业所得税优惠到什么时候")
    box.press("Enter")
    expect(page.locator(".from-me").last).to_contain_text("小型微利企业所得税优惠到什么时候")
    expect(answers.last).to_contain_text("2027年12月31日", timeout=20_000)
    expect(answers.last).to_contain_text("财政部 税务总局公告2023年第12号")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_picked_picture_is_sent_and_shown(
    stand_in: tuple[Account, str], browse: Callable[..., Page], tmp_path: Path
) -> None:
    account, address = stand_in
    openid = account.join()
    page = browse(address)
    picture = tmp_path / "照片.png"
    picture.write_bytes(sample_picture())
    page.locator("#plus").click()
    with page.expect_file_chooser() as chooser:
        page.locator("#extras [data-type=image]").click()
    chooser.value.set_files(picture)
    image = page.locator(".from-me .picture img")
    expect(image).to_be_visible()
    page.wait_for_function("document.querySelector('.from-me .picture img').naturalWidth === 240")
    assert "image" in [message["type"] for message in account.chat(openid)]


def test_what_the_account_sends_is_shown(stand_in: tuple[Account, str], browse: Callable[..., Page]) -> None:
    account, address = stand_in
    openid = account.join()
    page = browse(address)
    choices = {"head_content": "哪一件？", "list": [{"id": "loan_info", "content": "能贷多少"}], "tail_content": ""}
    account.post("message/custom/send", {"touser": openid, "msgtype": "msgmenu", "msgmenu": choices})
    page.get_by_role("button", name="能贷多少", exact=True).click()
    expect(page.locator(".from-account .bubble").last).to_contain_text("收到 能贷多少")
    data = {"thing1": {"value": "贷款咨询"}, "time2": {"value": "周一10点"}, "thing3": {"value": "政务大厅"}}
    account.post("message/template/send", {"touser": openid, "template_id": "sandbox-booking", "data": data})
    expect(page.locator(".notice-card")).to_contain_text("政务大厅")
    media_id = account.upload("media/upload", "image", sample_picture())["media_id"]
    page_of = {"title": "预约服务", "appid": "wx1", "pagepath": "p", "thumb_media_id": media_id}
    account.post("message/custom/send", {"touser": openid, "msgtype": "miniprogrampage", "miniprogrampage": page_of})
    expect(page.locator(".plate.program")).to_contain_text("预约服务")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_without_a_menu_there_is_a_keyboard_only(stand_in: tuple[Account, str], browse: Callable[..., Page]) -> None:
    account, address = stand_in
    account.join()
    page = browse(address)
    expect(page.locator(".from-account .bubble").first).to_be_visible()
    expect(page.locator("#to-menu")).to_be_hidden()
    account.post("menu/create", {"button": [{"type": "click", "name": "办事", "key": "services"}]})
    page.locator("#to-menu").click(timeout=15_000)
    page.get_by_role("button", name="办事").click()
    expect(page.locator(".from-account .bubble").last).to_contain_text("收到 services")


def test_the_panel_shows_the_quota_and_switches_faults(
    stand_in: tuple[Account, str], browse: Callable[..., Page]
) -> None:
    account, address = stand_in
    openid = account.join()
    page = browse(address, width=1280)
    page.locator("#text").fill("在吗")
    page.locator("#text").press("Enter")
    expect(page.locator("#windows")).to_contain_text("5 条")
    page.get_by_label("客服消息返回 45009").check()
    expect(page.locator("#faults .on")).to_have_count(1)
    assert account.send(openid) == 45009
    page.get_by_label("客服消息返回 45009").uncheck()
    expect(page.locator("#faults .on")).to_have_count(0)
    assert account.send(openid) == 0
    page.locator("#plus").click()
    page.locator("#extras [data-type=scan]").click()
    page.locator("#scene").fill("event:12")
    page.locator("#scene").press("Enter")
    expect(page.locator(".from-account .bubble").last).to_contain_text("收到 event:12")
    page.locator("#text").fill("人工")
    page.locator("#text").press("Enter")
    page.locator("#desk-form input").fill("我是客服小王")
    page.locator("#desk-form input").press("Enter")
    expect(page.locator(".from-account .bubble").last).to_contain_text("我是客服小王")
