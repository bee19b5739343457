"""Names of authorities: telling them from other words, and one from the next where several stand together."""

import re
from functools import cache

from core.settings import get_district

_NATIONAL = (
    "国务院办公厅|国务院国资委|国务院扶贫办|国务院|中共中央办公厅|国家发展和改革委员会|国家发展改革委|教育部"
    "|科学技术部|科技部|工业和信息化部|公安部|民政部|司法部|财政部|人力资源和社会保障部"
    "|人力资源社会保障部|自然资源部|生态环境部|住房和城乡建设部|住房城乡建设部|交通运输部|水利部|农业农村部"
    "|商务部|文化和旅游部|国家卫生健康委|退役军人事务部|退役军人部|应急管理部|中国人民银行|审计署"
    "|海关总署|国家税务总局|税务总局|国家市场监督管理总局|市场监管总局|国家金融监督管理总局|金融监管总局|中国银保监会"
    "|银保监会|中国证监会|证监会|国家统计局|国家知识产权局|国家认监委|国家数据局|国家能源局"
    "|全国工商联|全国总工会|全国妇联|共青团中央"
)
_ENDINGS = (
    "部|委|局|署|院|会|厅|办|室|府|银行|[分支]行|中心|小组|指挥部|工商联|妇联|工会|海关|集团|大学|管理处|街道|税务所"
)
_NAME = re.compile(rf"(?!各|有关|本|第|经|由|向|在)[\u4e00-\u9fff]{{1,28}}(?:{_ENDINGS})")
_NO_NAME = re.compile(
    "关于|通知|公告|印发|加强|支持|促进|实施|进一步|为了|的|是|召开|负责|通过|大会[^常]|首页|门户|其他"
)


def split_names(plain: str) -> list[str]:
    """Authorities that a text names one after another, with or without blanks; empty if it holds anything else."""
    names: list[str] = []
    for part in re.split(r" {2,}|[、,;\n]", plain.strip()):
        words = part.split()
        if len(words) > 1 and all(len(word) == 1 for word in words):
            words = ["".join(words)]  # set wide: 财 政 部
        for word in words:
            pieces = _border().split(word)
            if not all(_is_name(piece) for piece in pieces):
                return []
            names += pieces
    return list(dict.fromkeys(names))


def same_names(names: list[str]) -> frozenset[str]:
    """The authorities in a form in which short and full names are alike: 税务总局 and 国家税务总局."""
    return frozenset(re.sub("国家|中国|中华人民共和国|和|监督|学术?|技术|委员会$|委$", "", name) for name in names)


def _is_name(word: str) -> bool:
    return bool(re.fullmatch(_NATIONAL, word) or (_NAME.fullmatch(word) and not _NO_NAME.search(word)))


@cache
def _border() -> re.Pattern[str]:
    """Between two names without a blank, as in 财政部商务部; not within 国家税务总局北京市税务局."""
    city = get_district().city
    return re.compile(rf"(?<!总局)(?<=[局委部厅会署府办联])(?={city}|{_NATIONAL})|(?<=银行|总局)(?={_NATIONAL})")
