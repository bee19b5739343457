"""The phone page in a real browser at phone width: a newcomer chats within a minute."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.product import Product

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# A closed network refuses the browser's own background calls, many at a time.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: `make test` as root installs one"),
]


@pytest.fixture
def page(product: Product) -> Iterator[Page]:
    """The phone page, 375 px wide; an error in the browser's console fails the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 375, "height": 740}, locale="zh-CN")
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
        page.goto(product.phone)
        yield page
        browser.close()
        assert troubles == []


def test_a_newcomer_asks_and_is_answered_with_the_source(page: Page) -> None:
    answers = page.locator(".message.from-account .bubble")
    expect(answers.first).to_contain_text("小通", timeout=20_000)
    box = page.locator("#text")
    box.fill("小型微利企业所得税优惠到什么时候")
    box.press("Enter")
    expect(page.locator(".from-me").last).to_contain_text("小型微利企业所得税优惠到什么时候")
    expect(answers.last).to_contain_text("2027年12月31日", timeout=20_000)
    expect(answers.last).to_contain_text("财政部 税务总局公告2023年第12号")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
