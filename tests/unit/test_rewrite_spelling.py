"""Slips of pinyin input, measured on questions written for this test: how many are mended, and how many correct ones stay."""

import json
from pathlib import Path

from knowledge.rewrite import Change, Kind
from knowledge.rewrite.spelling import mend
from knowledge.rewrite.tidy import tidy
from tests.unit.test_rewrite_lexicon import seed_lexicon

# What was typed, and the term that was meant.
SLIPS = (
    ("创业单保贷款怎么申请", "担保"),
    ("创业担保代款利息多少", "贷款"),
    ("厨师想办创业担保贷宽", "贷款"),
    ("首带中心在哪", "首贷"),
    ("续代要什么条件", "续贷"),
    ("我们公司想申抱高企", "申报"),
    ("专经特新有什么好处", "专精特新"),
    ("转精特新怎么评", "专精特新"),
    ("小剧人奖励多少", "小巨人"),
    ("高信技术企业认定条件", "高新技术企业"),
    ("科技形中小企业怎么入库", "科技型中小企业"),
    ("小微起业所得税", "小微企业"),
    ("研发废用加计扣除", "研发费用"),
    ("加计口除比例", "加计扣除"),
    ("六税两废减半", "六税两费"),
    ("增植税小规模", "增值税"),
    ("企业所的税优惠", "企业所得税"),
    ("印化税减半吗", "印花税"),
    ("稳刚返还还有吗", "稳岗返还"),
    ("扩钢补助多少钱", "扩岗"),
    ("设保补贴能拿几年", "社保补贴"),
    ("失业宝险返还", "失业保险"),
    ("公鸡金比例", "公积金"),
    ("创业补铁怎么领", "创业补贴"),
    ("岗位补天多少", "补贴"),
    ("知识产全质押贷款", "知识产权"),
    ("专利质鸭贷款", "质押"),
    ("贷款贴席几个点", "贴息"),
    ("营业直照怎么办", "营业执照"),
    ("个体工伤户注销", "个体工商户"),
    ("小规模那税人免税", "小规模纳税人"),
    ("数字化转形补助", "数字化转型"),
    ("绿色工场奖多少", "绿色工厂"),
    ("反担宝怎么弄", "反担保"),
    ("拖欠帐款怎么投诉", "账款"),
    ("毕叶生创业", "毕业生"),
    ("退义军人开店", "退役军人"),
    ("退役军仁免税", "退役军人"),
    ("经营异常明录怎么移出", "经营异常名录"),
    ("融资单保公司", "融资担保"),
    ("创新型中小企业自见", "自荐"),
    ("积分落沪", "落户"),
    ("示犯基地认定", "示范基地"),
    ("服务圈能抵多少", "服务券"),
    ("承对汇票能不能拒收", "承兑汇票"),
)
CORRECT = (
    "微信公众号怎么绑定公司",
    "在通州去哪里问社保补贴",
    "我们公司在北京是不是有补贴",
    "报到证还要不要",
    "想借点钱进货有什么贷款",
    "今年新招的员工算不算",
    "需要法人带身份证原件吗",
    "银行说额度用完了",
    "专业合作社能不能办",
    "申请表在哪里下载",
    "著作权可以质押吗",
    "网约车司机能办贷款吗",
    "合同约定的付款时间",
    "研发人员的工资怎么归集",
    "公积金断缴一个月有影响吗",
)
DEV = Path(__file__).parents[2] / "knowledge" / "dev" / "queries.jsonl"


def test_slips_are_mended() -> None:
    missed = [said for said, meant in SLIPS if not any(meant in one or one in meant for one in _mended(said))]
    assert len(missed) <= 4, missed


def test_correct_questions_stay() -> None:
    assert {said: _mended(said) for said in CORRECT if _mended(said)} == {}
    rows = [json.loads(line) for line in DEV.read_text("utf-8").splitlines()]
    correct = [row["text"] for row in rows if row["style"] != "typo"]
    changed = {said: _mended(said) for said in correct if _mended(said)}
    assert len(changed) < 0.02 * len(correct), changed


def test_what_was_said_and_what_was_meant() -> None:
    assert mend("小薇企业带款", seed_lexicon()) == [
        Change(Kind.SPELLING, "小薇企业", "小微企业"),
        Change(Kind.SPELLING, "带款", "贷款"),
    ]


def test_a_look_alike() -> None:
    assert _mended("个休户怎么注销") == ["个体户"]


def test_at_most_three_terms_are_added() -> None:
    assert len(_mended("贴西申抱带款优汇审皮")) == 3


def _mended(text: str) -> list[str]:
    return [change.meant for change in mend(tidy(text)[0], seed_lexicon())]
