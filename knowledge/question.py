"""What a question says before anything is searched: its plain wording, what kind of thing it asks, and about where."""

import re
from functools import cache
from pathlib import Path

MAX_CHARACTERS = 500

# The characters that questions about business use; not a full table.
_TRADITIONAL = (
    "創業擔貸額稅費補貼資請辦們這個麼錢還條證書號寫開關門戶員營執務規範標準劃預約聯繫問題誰樣歲內幾從會應該項種類別產專導師醫藥農環護電腦網絡線軟體數據機構設備實際發單張報銷繳納險養療傷勞動僱傭職場經濟貿進"
    "係統計調詢訊視聽說讀學習訓練試驗認審評選獎勵優簡減徵總結賬帳債權責訴訟離閉倉庫運輸車輛廠樓層賃買賣銀儲匯兌轉讓續簽滿長區鄉鎮縣東兩萬億無與為後對於時間過當將來現見給級傳週歷節適齡殘軍復婦兒華國臺灣處點"
    "訂購貨價歸屬嗎廣幫領轄紅頭講變憑擬圖園質術團顧餘館飯麵鋪檔辭遲錄鏈闆隊階雜雙難顯風齊罰寬紙緩維緊組細織終絕紀紹編縮擴擇擁損換掛採揚撥攤敗斷歡沒測潔災爭狀獨獲畫異盡監盤確稱穩積競筆築籌裡償側傑僅協佔併倆"
    "剛劑啟啓圍塊壓夠夥奪孫寧寶屆幣廳強彈徑懷戲掃擊攜攝淨滯漲濕煙熱獻瑪穀糧緣聞聲腳臨舉舊艙藝虛虧衛裝製複觀訪詳誠誤課談論諮譯議讚豐財貧貫賴贈贊趕跡輔輕輯辯連遊達違遠遷鄭釋釘鋼錯鍋鐘鐵閒閱陣陸陽隨雲靜順須頻"
    "顆願餵騎驟鬆魚鮮麗龍"
)
_SIMPLIFIED = (
    "创业担贷额税费补贴资请办们这个么钱还条证书号写开关门户员营执务规范标准划预约联系问题谁样岁内几从会应该项种类别产专导师医药农环护电脑网络线软体数据机构设备实际发单张报销缴纳险养疗伤劳动雇佣职场经济贸进"
    "系统计调询讯视听说读学习训练试验认审评选奖励优简减征总结账账债权责诉讼离闭仓库运输车辆厂楼层赁买卖银储汇兑转让续签满长区乡镇县东两万亿无与为后对于时间过当将来现见给级传周历节适龄残军复妇儿华国台湾处点"
    "订购货价归属吗广帮领辖红头讲变凭拟图园质术团顾余馆饭面铺档辞迟录链板队阶杂双难显风齐罚宽纸缓维紧组细织终绝纪绍编缩扩择拥损换挂采扬拨摊败断欢没测洁灾争状独获画异尽监盘确称稳积竞笔筑筹里偿侧杰仅协占并俩"
    "刚剂启启围块压够伙夺孙宁宝届币厅强弹径怀戏扫击携摄净滞涨湿烟热献玛谷粮缘闻声脚临举旧舱艺虚亏卫装制复观访详诚误课谈论咨译议赞丰财贫贯赖赠赞赶迹辅轻辑辩连游达违远迁郑释钉钢错锅钟铁闲阅阵陆阳随云静顺须频"
    "颗愿喂骑骤松鱼鲜丽龙"
)
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)

# What people say for what the documents call otherwise; the documents' words are added to the question. On knowledge/dev
# this changes nothing (hit@1 .933 with and without); it is for the short questions in which such a word is all there is.
_FULL_FORMS = (
    (r"小巨人", "专精特新“小巨人”企业"),
    (r"高企", "高新技术企业"),
    (r"科小", "科技型中小企业"),
    (r"(?<!六税)两费", "六税两费"),
    (r"加计扣除", "研发费用加计扣除"),
    (
        r"(?:拖欠|欠|不给|不结|要不回).*(?:账款|货款|工程款|尾款|钱|账)|(?:账款|货款|工程款|尾款).*(?:拖欠|欠)",
        "中小企业款项支付",
    ),
    (
        (
            r"(?:算|什么叫|什么是|啥叫|啥是|多大|规模|标准|划分).*(?:小微|小型|微型|中型|中小)(?:企业)?"
            r"|(?:小微|小型|微型|中型|中小)(?:企业)?(?:怎么|怎样|咋|如何)?(?:算|的?(?:标准|划分|界定|定义)|是什么|是啥|是指)"
        ),
        "中小企业划型标准",
    ),
)

# What a question asks, by its words, and the headings that answer it.
_ASPECTS = (
    (
        r"多少|几个点|几成|最多|最高|封顶|上限|额度|百分之|比例|减半|金额|给钱|费率|几类|几倍",
        r"支持|内容|标准|金额|额度",
    ),
    (
        r"条件|要求|门槛|资格|符合|算不算|满足|占比|够不够|行不行|能不能|可以.*吗|能.*[吗不]$|[得要].*才",
        r"条件|对象|资格|要求",
    ),
    (r"材料|证件|资料|手续|证明|凭证|单据|扫描件|准备(些?什么|些?啥|哪)|要带|带什么|带啥", r"材料|清单"),
    (
        r"(怎么|怎样|咋|如何)(办|申请|申报|报|弄|领)|流程|步骤|哪里|哪儿|在哪|去哪|上哪|哪个|找谁|找哪|电话|地址|渠道|入口|网上|线上|审批",
        r"流程|渠道|办理|步骤|方式",
    ),
    (
        r"什么时候|啥时候|什么时间|哪天|哪年|几号|几月|几时|几年|几个月|截止|到期|期限|多久|多长时间|执行到|有效期|几天|日期",
        r"时间|期限|节点|有效",
    ),
)
AMOUNT, CONDITION = 0, 1

_HERE = re.compile(
    r"北京|通州|本市|副中心|京籍|马驹桥|宋庄|张家湾|台湖|梨园|潞城|潞源|永乐店|于家务|西集|漷县|九棵树|果园"
)
# Where somebody comes from or keeps an account says nothing about where the question is about.
_NOT_ABOUT = r"(?!银行|户口|户籍|人(?![力才社])|籍|菜|老家|路|大厦)"


def prepare(text: str) -> str:
    """The question as it is searched: at most 500 characters, simplified, with the documents' own words added."""
    words = " ".join(text[:MAX_CHARACTERS].split()).translate(_TO_SIMPLIFIED)
    added = [full for said, full in _FULL_FORMS if full not in words and re.search(said, words)]
    return " ".join([words, *added])


def aspects(question: str) -> set[int]:
    """Which kinds of thing are asked: `AMOUNT`, `CONDITION`, and others that only `answers` tells apart."""
    return {kind for kind, (asked, _headings) in enumerate(_PATTERNS) if asked.search(question)}


def answers(heading: str, asked: set[int]) -> bool:
    """Whether a section of that heading answers one of the kinds."""
    return any(_PATTERNS[kind][1].search(heading) for kind in asked)


def elsewhere(question: str) -> str | None:
    """The place outside Beijing that the question is about; None where it names none, or Beijing as well."""
    if _HERE.search(question):
        return None
    match = _places().search(question)
    return match[0] if match else None


@cache
def _places() -> re.Pattern[str]:
    lines = Path(__file__).with_name("places.txt").read_text("utf-8").splitlines()
    names = [name for line in lines if not line.startswith("#") for name in line.split()]
    return re.compile(f"(?:{'|'.join(sorted(names, key=len, reverse=True))}){_NOT_ABOUT}")


_PATTERNS = tuple((re.compile(asked), re.compile(headings)) for asked, headings in _ASPECTS)
