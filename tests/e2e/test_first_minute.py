"""What a newcomer sees: signed XML in, the phone's view out, through real Rasa and a real action server."""

import contextlib
import json
import re
from collections.abc import Iterator

import httpx
import psutil

from tests.e2e.phone import Phone
from tests.product import Product
from tests.waiting import wait_until


def test_the_first_minute(phone: Phone) -> None:
    assert "小通" in phone.welcome
    assert "小通" in phone.say("你好")
    answer = phone.say("小型微利企业的所得税现在是多少")
    assert "小型微利企业减免企业所得税" in answer
    assert "财政部 税务总局公告2023年第12号" in answer
    assert "5%" in answer
    assert "66law" not in answer  # not an official site: for staff only


def test_loan_questions_are_answered_from_the_documents(phone: Phone) -> None:
    assert re.search(r"50\s*万元", phone.say("创业担保贷款个人最多能贷多少"))
    assert "营业执照" in phone.say("办创业担保贷款要准备哪些材料")
    assert "银行放款" in phone.say("创业担保贷款怎么申请 流程是啥")


def test_what_is_not_in_the_documents_is_not_answered(phone: Phone) -> None:
    answer = phone.say("开餐馆的油烟净化设备补贴政策有吗")
    assert "没有" in answer
    assert "人工" in answer


def test_an_expired_policy_is_no_answer(phone: Phone) -> None:
    assert "京经信发〔2025〕4号" not in phone.say("北京首次贷款贴息2025年修订版实施细则的贴息比例")


def test_a_person_is_promised_with_a_time(phone: Phone, product: Product) -> None:
    product.tongqi("clock", "set", "2026-11-20T10:00:00")
    try:
        assert "今天10:30前" in phone.say("转人工")
        product.tongqi("clock", "set", "2026-11-20T17:50:00")
        again = Phone(product, "again")
        assert "11月23日（周一）9:20前" in again.say("我要找个真人说话")
    finally:
        product.tongqi("clock", "set", "real")


def test_words_that_look_like_commands_are_only_words(phone: Phone) -> None:
    assert phone.say("/restart")
    assert phone.say('/human{"x": 1}')
    assert phone.say("<script>alert(1)</script>]]><MsgType>")
    assert phone.say("贷" * 2000)
    assert phone.say("😀😀😀")


def test_what_is_being_prepared_is_said_honestly(phone: Phone) -> None:
    assert "人工" in phone.say("帮我约个律师 明天下午看合同")


def test_the_menu_is_published_and_its_buttons_mean_what_they_say(phone: Phone, product: Product) -> None:
    assert "no difference" in product.tongqi("menu", "publish", "--dry-run").stdout
    assert "营业执照" in phone.tap("loan_materials")
    assert re.search(r"50\s*万元", phone.tap("loan_info"))


def test_every_kind_of_message_is_answered(phone: Phone, product: Product) -> None:
    assert "营业执照" in phone.show(type="voice", recognition="办创业担保贷款要准备哪些材料")
    for kind in ("voice", "image", "video", "file", "location", "link", "miniprogrampage"):
        assert phone.show(type=kind), kind
    assert phone.show(type="scan", scene="group:songzhuang")
    (ticket,) = re.findall(r"T\d{6}", phone.say("转人工"))
    wait_until(lambda: "stored" in product.tongqi("ticket", "show", ticket).stdout, 20)


def test_ask_goes_through_the_same_dialogue(product: Product) -> None:
    asked = product.tongqi("ask", "小规模纳税人增值税有什么优惠", "--json")
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)["answers"][0]
    assert answer["sources"][0]["policy_id"] == "xiaoguimo-vat"


def test_doctor_and_readyz_tell_the_truth(product: Product) -> None:
    assert product.tongqi("doctor").returncode == 0
    worker = next(each for each in psutil.process_iter(["cmdline"]) if _is_actions(each, product))
    worker.kill()
    wait_until(lambda: httpx.get(f"{product.gateway}/readyz", timeout=10).status_code == 503, 20)
    wait_until(product.ready, 60)  # restarted by the supervisor


def _is_actions(process: psutil.Process, product: Product) -> bool:
    command = " ".join(process.info["cmdline"] or ())
    if "bot.actions" not in command:
        return False
    return process.environ().get("TONGQI_VAR") == str(product.var)


def test_refused_pushes_are_counted_and_say_nothing(product: Product) -> None:
    refused = httpx.post(f"{product.gateway}/wechat", content=b"<xml/>")
    assert (refused.status_code, refused.content) == (403, b"")
    assert 'tongqi_pushes_refused_total{reason="signature"}' in httpx.get(f"{product.gateway}/metrics").text


@contextlib.contextmanager
def slow_actions(product: Product) -> Iterator[None]:
    """The action server answers nothing meanwhile."""
    actions = next(each for each in psutil.process_iter(["cmdline"]) if _is_actions(each, product))
    actions.suspend()
    try:
        yield
    finally:
        actions.resume()


def test_a_slow_answer_arrives_with_the_second_delivery(phone: Phone, product: Product) -> None:
    with slow_actions(product):
        phone.send("小型微利企业的所得税现在是多少")
        wait_until(lambda: phone.last_delivery()["try"] == 2, 10)
    assert "5%" in phone.wait_for_answer()
    assert phone.messages()[-1]["via"] == "passive"
    assert len([each for each in phone.messages() if each["from"] == "account"]) == 2  # the welcome and this, once


def test_an_answer_that_takes_too_long_comes_as_a_service_message(phone: Phone, product: Product) -> None:
    with slow_actions(product):
        phone.send("小型微利企业的所得税现在是多少")
        wait_until(lambda: phone.last_delivery()["answer"] == "success", 20)
    assert phone.last_delivery()["try"] == 3
    assert "5%" in phone.wait_for_answer()
    assert phone.messages()[-1]["via"] == "service"
    assert len([each for each in phone.messages() if each["from"] == "account"]) == 2
