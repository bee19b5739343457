"""A policy question in the whole product: the answer with its source, how useful it was, and a policy that is gone."""

import json
import re

from tests.e2e.phone import Phone
from tests.product import Product
from wechat_gateway.text import plain, typeset

QUESTION = "研发费用加计扣除的比例是多少"
POLICY = "yanfa-jiajikouchu"
TITLE = "研发费用税前加计扣除"
RATE = "1 有用\n2 没用"


def test_an_answer_is_rated_and_what_it_lacked_is_collected(phone: Phone, product: Product) -> None:
    answer = phone.say(QUESTION)
    assert "100%" in answer
    assert f"依据：《{TITLE}》" in answer
    assert answer.endswith(RATE)
    assert "人工" in phone.say("2")
    assert "没帮上忙" in phone.messages()[-1]["content"]
    collected = product.tongqi("question", "list").stdout
    (line,) = (line for line in collected.splitlines() if QUESTION in line)
    assert "useless" in line


def test_a_follow_up_is_about_what_was_asked_before(phone: Phone) -> None:
    phone.say(QUESTION)
    assert TITLE in phone.say("那要什么材料呢")


def test_a_question_without_an_answer_offers_topics_and_a_person(phone: Phone, product: Product) -> None:
    answer = phone.say("开餐馆的油烟净化设备补贴政策有吗")
    assert re.search(r"\n1 .+\n2 .+\n3 .+\n4 找工作人员$", answer)
    assert "T" in phone.say("4")
    assert "unanswered" in product.tongqi("question", "list").stdout


def test_a_policy_that_is_switched_off_elsewhere_is_gone_from_the_next_answer(phone: Phone, product: Product) -> None:
    assert TITLE in phone.say(QUESTION)
    switched = product.tongqi("policy", "switch", POLICY, "off", "--by", "测试")
    assert switched.returncode == 0, switched.stderr
    try:
        answer = phone.say(QUESTION)
        assert f"依据：《{TITLE}》" not in answer
    finally:
        product.tongqi("policy", "switch", POLICY, "on", "--by", "测试")
    assert TITLE in phone.say(QUESTION)


def test_the_command_line_and_the_chat_give_the_same_answer(phone: Phone, product: Product) -> None:
    for earlier, words in ((), QUESTION), ((QUESTION,), "那要什么材料呢"), ((), "创业担保贷款最多能贷多少"):
        before = [option for text in earlier for option in ("--before", text)]
        searched = product.tongqi("knowledge", "search", "--json", *before, words)
        assert searched.returncode == 0, searched.stderr
        answer = json.loads(searched.stdout)["answer"]
        assert phone.say(words).removesuffix(f"\n{RATE}").strip() == typeset(plain(answer))
