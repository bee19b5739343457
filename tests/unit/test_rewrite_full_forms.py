"""The documents' words for what people call otherwise."""

from functools import cache

import pytest
import yaml

from knowledge.rewrite import Lexicon
from knowledge.rewrite.full_forms import expand, table
from knowledge.rewrite.lexicon import FEWEST
from knowledge.rewrite.tidy import tidy
from tests.unit.test_rewrite_lexicon import POLICIES, seed_lexicon

SECTIONED = [line for line in table() if line.mark]
MARKS = frozenset(line.mark for line in SECTIONED if line.mark)


@pytest.mark.parametrize(
    ("said", "full"),
    [
        ("创担贷 上限", "创业担保贷款"),
        ("科小怎么评", "科技型中小企业"),
        ("两费减半到哪年", "六税两费"),
        ("甲方一直不给货款,我们怎么办呢", "拖欠账款 中小企业款项支付"),
        ("开饭店的证怎么办", "食品经营许可证"),
        ("什么算小微企业", "中小企业划型标准"),
        ("稳岗 2026", "失业保险稳岗返还"),
    ],
)
def test_abbreviations_and_everyday_words(said: str, full: str) -> None:
    assert full in [change.meant for change in expand(said, seed_lexicon())]


@pytest.mark.parametrize("said", ["六税两费减半到哪年", "高新技术企业认定", "扩岗补助发放"])
def test_what_is_said_in_full_stays(said: str) -> None:
    assert all(change.meant not in said for change in expand(said, seed_lexicon()))
    assert "岗位补贴" not in [change.meant for change in expand(said, seed_lexicon())]


def test_words_that_the_documents_use_are_explained_in_short_questions_only() -> None:
    question = "我们公司去年营业收入有五千多万,请问今年申报小巨人还差哪些条件"
    assert expand(question, Lexicon.of([]))
    assert expand(question, seed_lexicon()) == []
    assert expand("小巨人条件", seed_lexicon())


@cache
def lexicon_with_statutes() -> Lexicon:
    """Of the seed sheets, with the terms by which a statute of each section is known."""
    seed = seed_lexicon()
    return Lexicon(seed.counts | dict.fromkeys(MARKS, FEWEST), seed.named, seed.latin, seed.titles, 100_000)


def asked() -> list[str]:
    """What the seed sheets say people ask, in normal form."""
    fronts = [path.read_text("utf-8").split("---\n", 2)[1] for path in sorted(POLICIES.glob("*.md"))]
    return [tidy(question)[0] for front in fronts for question in yaml.safe_load(front).get("asked", [])]


@pytest.mark.parametrize(
    ("said", "full"),
    [
        ("员工干了三个月自己提了辞职,要不要给钱", "解除劳动合同"),
        ("把人炒了要赔几个月工资", "经济补偿 本单位工作的年限"),
        ("小时工要签合同吗", "非全日制用工"),
        ("五险断交了怎么补", "未按时足额缴纳社会保险费"),
        ("失业金能领多久", "失业保险金"),
        ("公司注册资本一直没交会怎么样", "认缴 出资 缴足"),
        ("工商年报忘了报", "年度报告 公示"),
        ("关店要办什么", "注销登记"),
        ("几个朋友一起开店怎么签协议", "合伙企业 合伙协议"),
        ("专票丢了怎么办", "增值税专用发票"),
        ("以前亏的钱能抵今年利润吗", "亏损 结转年限"),
        ("卖厂房交什么税", "土地增值税 增值额"),
        ("员工上班时搞的发明专利归谁", "职务发明创造"),
        ("牌子被人抢注了", "以不正当手段抢先注册"),
        ("店里放背景音乐要交钱吗", "录音制品 公开播送 表演"),
        ("刷单犯法吗", "虚构交易 编造用户评价"),
        ("陪标会怎么处罚", "串通投标"),
        ("给机关供货有什么要求", "政府采购 供应商"),
        ("甲方打白条怎么办", "商业汇票 应收账款电子凭证 强制中小企业接受"),
        ("员工跳槽把客户名单带走了", "侵犯商业秘密 保密措施"),
        ("企标要备案吗", "企业标准 自我声明公开"),
        ("公司账户被法院冻结了", "查封 扣押 冻结"),
        ("新人试用期工资打几折", "约定工资的百分之八十 最低档工资"),
        ("只招没结婚的,还不许生孩子", "限制女职工结婚、生育"),
        ("喝多了摔伤算工伤吗", "醉酒或者吸毒 不认定为工伤"),
        ("背着我改章程算数吗", "决议不成立 召集程序"),
        ("年报填错了能改吗", "年度报告公示信息的更正"),
        ("合伙人死了怎么算", "合伙人死亡 合法继承权"),
        ("货烧了税还能抵吗", "非正常损失"),
        ("国债利息交税吗", "国债利息收入"),
        ("阴阳合同少报房价会怎样", "房地产评估价格 隐瞒、虚报房地产成交价格"),
        ("收到专利的审查意见怎么办", "陈述意见 指定期限"),
        ("商标证丢了怎么办", "补发《商标注册证》"),
        ("短视频被人搬走了,版权怎么算", "视听作品"),
        ("货到付款的钱谁收", "代收货款服务"),
        ("把工程拆成小项目行吗", "化整为零 规避招标"),
        ("追加采购最多多少", "不得超过原合同采购金额的百分之十"),
        ("要账以后被穿小鞋", "恐吓、打击报复"),
        ("帮商家刷评价违法吗", "组织虚假交易 帮助其他经营者"),
        ("国标去哪下载", "强制性标准文本应当免费向社会公开"),
        ("担保费谁定", "融资担保费率"),
        ("突然停电谁赔", "供电 公用企事业单位 强迫市场主体"),
    ],
)
def test_words_of_statutes_are_added_where_there_are_statutes(said: str, full: str) -> None:
    assert full in [change.meant for change in expand(said, lexicon_with_statutes())]
    assert full not in [change.meant for change in expand(said, seed_lexicon())]


@pytest.mark.parametrize(
    "said",
    [
        "怎么申请贷款贴息",
        "专精特新怎么申报",
        "数字化转型补助怎么领",
        "不要老板担保的贷款",
        "软著能算知识产权吗",
        "买来的专利专精特新认吗",
        "申请没通过还能再报吗",
        "退役军人注册公司的优惠",
        "失业人员贷款怎么申请",
        "失业保险返还多少",
        "发明专利奖励多少",
        "买设备能抵押贷款吗",
        "补贴什么时候给钱",
        "小微企业标准怎么算",
        "关联公司营收算不算",
        "风险补偿金怎么申请",
        "要交财务报表吗",
        "老总没有本科能评吗",
        "参与制定标准有补助吗",
    ],
)
def test_what_is_about_support_gets_no_words_of_statutes(said: str) -> None:
    statutes = {line.full for line in SECTIONED}
    assert statutes.isdisjoint(change.meant for change in expand(said, lexicon_with_statutes()))


def test_a_section_needs_its_term_as_often_as_a_term_counts() -> None:
    rare, enough = ({"试用期": count} for count in (FEWEST - 1, FEWEST))
    assert expand("实习期多长", Lexicon(rare, frozenset(), frozenset(), "", 1_000)) == []
    found = expand("实习期多长", Lexicon(enough, frozenset(), frozenset(), "", 1_000))
    assert [change.meant for change in found] == ["试用期"]


def test_no_section_is_used_for_the_seed_sheets_alone() -> None:
    assert len(MARKS) > 15
    assert [mark for mark in MARKS if seed_lexicon().counts.get(mark, 0) >= FEWEST] == []


def test_few_questions_about_the_seed_sheets_get_words_of_statutes() -> None:
    always = {line.full for line in table() if not line.mark}
    own = {line.full for line in SECTIONED} - always
    questions = asked()
    hit = [one for one in questions if not own.isdisjoint(c.meant for c in expand(one, lexicon_with_statutes()))]
    assert len(questions) > 500
    assert len(hit) <= 0.03 * len(questions), hit


def test_every_line_of_the_table_is_a_pattern_and_its_words() -> None:
    assert len(table()) - len(SECTIONED) > 60
    assert len(SECTIONED) > 600
    for line in table():
        assert not line.pattern.search("")
        assert line.full == line.full.strip() != ""


def test_no_line_stands_twice() -> None:
    patterns = [line.pattern.pattern for line in table()]
    assert len(set(patterns)) == len(patterns)
