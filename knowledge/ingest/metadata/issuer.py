"""Who issued a document, and on which level: the country, the city, the district of `district.yml`, or another."""

import re
from collections.abc import Iterator

from core.settings import get_district
from knowledge.ingest.metadata.field import Field, best
from knowledge.ingest.metadata.layout import Layout
from knowledge.ingest.metadata.names import same_names, split_names
from knowledge.ingest.metadata.signature import Signature
from knowledge.ingest.metadata.title import Title

NATIONAL, OTHER = "国家", "其他"
TRUSTED = 0.8  # of two places at least this sure, the one that names more issuers counts

_RED_HEAD = re.compile(r"(.{2,120}?)\s*文\s{0,4}件")
_BEFORE_SUBJECT = re.compile(r"(.{2,300}?)(?:关于|印发|转发|批转)")
_ANNOUNCED = re.compile(r"(.+?)(?:公告|通告)[〔0-9第]")
_ORDERED = re.compile("(.+?)令[〔0-9第]")
_CONGRESS = re.compile(r"([\u4e00-\u9fff]{2,8}市|)第[〇零一二三四五六七八九十]+届(全国)?(人民代表大会(?:常务委员会)?)")
_COUNCIL = re.compile("国务院(?:令|第[0-9〇一二三四五六七八九十百]+次常务会议)")

# Whose numbers begin so, longest first; of a joint document only its first issuer.
_CODES = {
    "国办": "国务院办公厅",
    "国发": "国务院",
    "国务院令": "国务院",
    "银管": "中国人民银行营业管理部",
    "银发": "中国人民银行",
    "财": "财政部",
    "工信": "工业和信息化部",
    "人社": "人力资源和社会保障部",
    "国科": "科学技术部",
    "发改": "国家发展和改革委员会",
    "商": "商务部",
    "金": "国家金融监督管理总局",
    "税总": "国家税务总局",
    "国税": "国家税务总局",
    "国市监": "国家市场监督管理总局",
    "国知": "国家知识产权局",
    "京政办": "北京市人民政府办公厅",
    "京政": "北京市人民政府",
    "京财": "北京市财政局",
    "京人社": "北京市人力资源和社会保障局",
    "京经信": "北京市经济和信息化局",
    "京发改": "北京市发展和改革委员会",
    "京科": "北京市科学技术委员会",
    "京商": "北京市商务局",
    "京市监": "北京市市场监督管理局",
    "京知": "北京市知识产权局",
    "京金": "北京市地方金融管理局",
    "京税": "国家税务总局北京市税务局",
    "通政办": "北京市通州区人民政府办公室",
    "通政": "北京市通州区人民政府",
}
_CODE = re.compile("|".join(sorted(_CODES, key=len, reverse=True)))
_BRANCHES = {"中国人民银行营业管理部": "北京市"}  # called so until 2023, without the city's name
_COUNTRY = re.compile(
    "中华|中国|中央|中共中央|全国|国务院|国家|最高人民|共青团中央"
    "|[\u4e00-\u9fff]{2,10}部(?:办公厅)?$|(?:税务|市场监管|金融监管|海关)总[局署]|(?:银保监|证监|银监)会$"
)
_PLACE = re.compile("省|市(?!场)|自治[区州]|[区县旗](?!域)")
_TO_PROVINCES = re.compile("各?省、自治区、直辖市")
_DISTRICT = re.compile("[\u4e00-\u9fff]{1,3}[区县](?!域)|经济技术开发区")


def issuers(layout: Layout, signature: Signature | None, title: Title, number: Field[str | None]) -> Field[list[str]]:
    """Who issued the document, as written: of two good sources, the one that names more of a joint notice's issuers."""
    candidates = list(_candidates(layout, signature, title, number))
    surest = best(candidates, list[str]())
    for other in candidates:
        if other.confidence >= TRUSTED and surest.value and same_names(other.value) > same_names(surest.value):
            surest = Field(other.value, max(other.confidence, surest.confidence), other.evidence)
    return surest


def level(layout: Layout, issuer: Field[list[str]], title: Field[str]) -> Field[str]:
    """The level of the first issuer; without one, of the place that the title begins with, or of whom it speaks to."""
    if issuer.value:
        found = level_of(issuer.value[0])
        return Field(found, round(issuer.confidence * (0.95 if found != OTHER else 0.7), 2), issuer.evidence)
    district, city = get_district().name, get_district().city
    if title.value.startswith("中华人民共和国"):
        return Field(NATIONAL, 0.7, title.evidence)
    if title.value.startswith((district, city)):
        return Field(level_of(title.value), 0.6, title.evidence)
    if speaks := _TO_PROVINCES.search(layout.plain):
        return Field(NATIONAL, 0.6, layout.evidence(speaks.start(), speaks.end()))
    return Field(OTHER, 0.1, "")


def level_of(name: str) -> str:
    """Level of an authority by its name; the branch of a national authority has the level of its place."""
    district, city = get_district().name, get_district().city
    short = city.removesuffix("市")
    if _BRANCHES.get(name) == city:
        return city
    if district in name:
        return district
    if short in name:
        rest = name.split(city)[-1] if city in name else name.split(short)[-1]
        return OTHER if _DISTRICT.match(rest) else city
    return NATIONAL if _COUNTRY.match(name) and not _PLACE.search(name) else OTHER


def _candidates(
    layout: Layout, signature: Signature | None, title: Title, number: Field[str | None]
) -> Iterator[Field[list[str]]]:
    if fact := layout.facts.get("issuer"):
        names = split_names(fact.value)
        end = fact.end
        if (joint := layout.facts.get("joint")) and names:
            names = list(dict.fromkeys(names + split_names(joint.value)))
            end = max(end, joint.end)
        if names:
            yield Field(names, 0.95, layout.evidence(fact.start, end))
    if (match := _BEFORE_SUBJECT.match(title.full)) and (names := split_names(match[1])):
        yield Field(names, 0.9, title.field.evidence)
    if signature and signature.names:
        yield Field(list(signature.names), 0.88, layout.evidence(signature.names_start, signature.end))
    yield from _of_opening(layout)
    for line in layout.history:
        if name := _of_history(line.text):
            yield Field([name], 0.8, layout.evidence(line.start, line.end))
            break
    if number.value:
        yield from _of_number(number.value, number)
    yield from _of_statute(title.field)


def _of_opening(layout: Layout) -> Iterator[Field[list[str]]]:
    """Lines above the title that hold issuers only, or the red head `…文件`."""
    names: list[str] = []
    places: list[int] = []
    for line in layout.opening:
        head = _RED_HEAD.fullmatch(line.text)
        if found := split_names(head[1] if head else line.text):
            names += found
            places += [line.start, line.end]
    if names:
        yield Field(list(dict.fromkeys(names)), 0.82, layout.evidence(places[0], places[-1]))


def _of_history(text: str) -> str:
    """Who passed a statute, by a line of its history; empty where the line does not say."""
    if match := _CONGRESS.search(text):
        return (match[1] or match[2] or "") + match[3]
    return "国务院" if _COUNCIL.search(text) else ""


def _of_number(number: str, field: Field[str | None]) -> Iterator[Field[list[str]]]:
    if (match := _ANNOUNCED.match(number)) and (names := split_names(match[1])):
        yield Field(names, 0.85, field.evidence)
    elif (match := _ORDERED.match(number)) and (names := split_names(match[1])):
        yield Field(names, 0.88, field.evidence)
    elif code := _CODE.match(number):
        yield Field([_CODES[code[0]]], 0.5, field.evidence)


def _of_statute(title: Field[str]) -> Iterator[Field[list[str]]]:
    """Who passes statutes of such a name, where nothing else says it."""
    city = get_district().city
    if re.match("中华人民共和国.*法$", title.value):
        yield Field(["全国人民代表大会常务委员会"], 0.45, title.evidence)
    elif re.match("中华人民共和国.*(?:条例|细则)$", title.value):
        yield Field(["国务院"], 0.5, title.evidence)
    elif title.value.startswith(city) and title.value.endswith("条例"):
        yield Field([f"{city}人民代表大会常务委员会"], 0.5, title.evidence)
