"""Questions typed in pinyin, and Latin words that are none."""

import pytest

from knowledge.rewrite.typed import spell_out
from tests.unit.test_rewrite_lexicon import seed_lexicon


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chuangye danbao daikuan", "创业担保贷款"),
        ("chuangyedanbaodaikuan zuigao duoshao", "创业担保贷款最高多少"),
        ("xiaoweiqiye jianshui", "小微企业减税"),
        ("zhuan jing te xin zen me shen qing", "专精特新怎么申请"),
        ("yinhang tiexi", "银行贴息"),
        ("GAOQI RENDING", "高企认定"),
        ("zjtx butie", "专精特新补贴"),
        ("tiexi怎么申请", "贴息怎么申请"),
        ("创业danbao贷款", "创业担保贷款"),
    ],
)
def test_pinyin_becomes_characters(typed: str, meant: str) -> None:
    text, changes = spell_out(typed, seed_lexicon())
    assert text == meant
    assert changes


@pytest.mark.parametrize(
    "text",
    [
        "LPR是多少",
        "ISO9001认证",
        "VR企业",
        "app下载",
        "WiFi密码",
        "hello",
        "women can take a bank loan",
        "change my order",
        "made in china",
        "xi'an",
        "www.gov.cn",
        "iphone 15 pro max",
        "excel表格",
    ],
)
def test_other_latin_words_stay(text: str) -> None:
    assert spell_out(text, seed_lexicon()) == (text, [])
