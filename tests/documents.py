"""Sample documents as offices publish them: pages, PDFs, scans, Word and Excel files, made by the tests themselves."""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pylopdf_fonts_zh_cn
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from knowledge.ingest import readers
from knowledge.ingest.document import InvalidDocument, RawDocument, Refusal

TITLE = "关于开展2026年专精特新中小企业贷款贴息申报工作的通知"
SENTENCE = "符合条件的中小微企业可以按照本通知的要求提出申请，经审核后按照实际发生的利息给予贴息支持，单个企业每年不超过五十万元。"
SUBSIDIES = [["序号", "企业类型", "贴息比例", "上限（万元）"]] + [
    [str(at), f"第{at}类企业", f"{10 + at}%", str(at * 5)] for at in range(1, 61)
]
SCANNED = (
    "关于组织申报中小企业发展专项资金的通知",
    "各有关单位：",
    "为支持中小企业发展，现组织申报专项资金，有关事项如下。",
    "一、支持对象",
    "在本区登记注册的中小企业，上年度营业收入不超过两亿元。",
    "二、支持标准",
    "贷款贴息按照实际利息的百分之五十给予支持，最高30万元。",
    "区经济和信息化局",
    "2026年3月15日",
)


def notice_pdf(path: Path, paragraphs: int = 8, password: str | None = None) -> None:
    """A notice with header and page numbers, chapters, and a table of subsidies that goes on over the page."""
    font = chinese_font()
    body = ParagraphStyle("body", fontName=font, fontSize=16, leading=28, firstLineIndent=32, wordWrap="CJK")
    title = ParagraphStyle("title", fontName=font, fontSize=22, leading=32, alignment=1, wordWrap="CJK")
    story: list[Flowable] = [Paragraph(TITLE, title), Spacer(1, 20), Paragraph("各有关单位：", body)]
    for at in range(paragraphs):
        if at % 4 == 0:
            story.append(Paragraph(f"{'一二三四五六七八九十'[at // 4 % 10]}、支持事项", body))
        story.append(Paragraph(SENTENCE, body))
    table = Table(SUBSIDIES, colWidths=[50, 150, 100, 120], repeatRows=1)
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONT", (0, 0), (-1, -1), font, 12)]))
    story += [table, Paragraph("本通知自发布之日起施行。", body)]
    encryption = None if password is None else StandardEncryption(password, ownerPassword="owner")
    template = SimpleDocTemplate(str(path), pagesize=A4, encrypt=encryption, topMargin=80, bottomMargin=80)
    template.build(story, onFirstPage=_margins, onLaterPages=_margins)


def plain_pdf(path: Path, pages: int) -> None:
    """A book: so many pages of full lines under a header."""
    canvas = Canvas(str(path), pagesize=A4)
    font = chinese_font()
    text = SENTENCE * 12
    for number in range(1, pages + 1):
        canvas.setFont(font, 16)
        canvas.drawString(72, 800, "政策汇编")
        for line in range(22):
            canvas.drawString(72, 740 - 30 * line, text[28 * line : 28 * line + 28])
        canvas.drawCentredString(297, 40, f"— {number} —")
        canvas.showPage()
    canvas.save()


def scan_pdf(path: Path, pages: int = 1, lines: Sequence[str] = SCANNED, blur: bool = False) -> None:
    """Pages that are pictures of text, as a scanner makes them: grey, a little skewed."""
    pictures = [scanned_page(lines, blur)] * pages
    pictures[0].save(path, save_all=True, append_images=pictures[1:], resolution=150)


def blank_pdf(path: Path) -> None:
    """A page on which nothing stands."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.showPage()
    canvas.save()


def rules_docx(path: Path) -> None:
    """Rules with a title, chapters, Word's own numbers, a table with merged cells, a footnote, a box, a revision."""
    document = docx.Document()
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run("创业担保贷款贴息资金管理办法")
    run.font.size = Pt(22)
    document.add_paragraph("第一章　总则")
    document.add_paragraph("第一条　为规范资金管理，制定本办法。")
    document.add_heading("支持范围", level=2)
    for word in ("个人创业担保贷款", "小微企业创业担保贷款"):
        number(document, document.add_paragraph(f"{word}，按照规定给予贴息。"))
    document.add_paragraph("第二章　支持标准")
    table = document.add_table(rows=4, cols=3)
    for row, cells in enumerate(
        (("类型", "标准", "标准"), ("类型", "额度", "期限"), ("个人", "30万元", "3年"), ("企业", "400万元", "2年"))
    ):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2)).text = "标准"
    table.cell(0, 0).merge(table.cell(1, 0)).text = "类型"
    last = document.add_paragraph("第三条　本办法自发布之日起施行。")
    _note(document, last, "原办法同时废止。")
    inserted = parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>有效期五年。</w:t></w:r></w:ins>")
    removed = parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>有效期三年。</w:delText></w:r></w:del>")
    last._p.append(inserted)
    last._p.append(removed)
    document.add_paragraph("联系人见附件。")._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')}><w:txbxContent><w:p><w:r><w:t>咨询电话见官网。</w:t></w:r></w:p></w:txbxContent></w:r>"
        )
    )
    document.save(str(path))


def products_xlsx(path: Path, rows: int = 3) -> None:
    """A bank's products: a title over all columns, a head of two rows, merged cells, days and per cents; a hidden sheet."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "产品清单"
    sheet.append(["金融产品清单"])
    sheet.merge_cells("A1:E1")
    sheet.append(["银行", "产品", "条件", None, "上线日期"])
    sheet.append([None, None, "利率", "额度（万元）", None])
    for merged in ("A2:A3", "B2:B3", "C2:D2", "E2:E3"):
        sheet.merge_cells(merged)
    for at in range(rows):
        sheet.append(
            ["北京银行" if at < 2 else "其他银行", f"产品{at + 1}", 0.0365, 1000 + at, date(2025, 3, 1 + at % 28)]
        )
        sheet.cell(sheet.max_row, 3).number_format = "0.00%"
        sheet.cell(sheet.max_row, 4).number_format = "#,##0"
        sheet.cell(sheet.max_row, 5).number_format = 'yyyy"年"m"月"d"日"'
    sheet["A5"] = None
    sheet.merge_cells("A4:A5")
    workbook.create_sheet("内部").append(["不公开"])
    workbook["内部"].sheet_state = "hidden"
    workbook.save(path)


def zip_of(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """An archive with its names in GBK, as Windows in Chinese writes them; `zipfile` itself writes only UTF-8."""
    stand_ins: dict[bytes, bytes] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, (name, content) in enumerate(members):
            encoded = name.encode("gbk")
            stand_in = f"@{at}".ljust(len(encoded), "@")
            stand_ins[stand_in.encode()] = encoded
            archive.writestr(stand_in, content)
    data = path.read_bytes()
    for stand_in_bytes, encoded in stand_ins.items():
        data = data.replace(stand_in_bytes, encoded)
    path.write_bytes(data)


def read_all(path: Path) -> list[RawDocument | Refusal]:
    """What is in a file, read as `tongqi knowledge ingest` does."""
    return list(readers.by_suffix()[path.suffix].read(path, path.name))


def read(path: Path) -> RawDocument:
    """The one document of a file."""
    (found,) = read_all(path)
    assert isinstance(found, RawDocument)
    return found


def complaint(path: Path) -> str:
    """Why a file is refused, in one line; empty where it is read."""
    try:
        read_all(path)
    except InvalidDocument as error:
        said = str(error)
        assert len(said.splitlines()) == 1
        return said
    return ""


def read_bytes(content: bytes, name: str, folder: Path) -> RawDocument:
    """The one document of a file of this content."""
    path = folder / name
    path.write_bytes(content)
    return read(path)


def content_of(make: Callable[[Path], None], folder: Path) -> bytes:
    """The bytes of what a function of this file writes."""
    path = folder / "made"
    make(path)
    return path.read_bytes()


def chinese_font() -> str:
    """A font that the PDF only names, as many offices' programs do."""
    if "STSong-Light" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"


def _margins(canvas: Canvas, template: SimpleDocTemplate) -> None:
    canvas.setFont(chinese_font(), 10)
    canvas.drawString(72, 805, "市经济和信息化局政策文件")
    canvas.drawCentredString(297, 40, f"— {canvas.getPageNumber()} —")


def scanned_page(lines: Sequence[str], blur: bool) -> Image.Image:
    """A page as a scanner sees it."""
    font = ImageFont.truetype(pylopdf_fonts_zh_cn.serif_path(), 34)
    picture = Image.new("L", (1240, 1754), 245)
    draw = ImageDraw.Draw(picture)
    for at, line in enumerate(lines):
        draw.text((150, 160 + 90 * at), line, font=font, fill=30)
    picture = picture.rotate(0.4, fillcolor=245)
    return picture.resize((124, 175)).resize((1240, 1754)) if blur else picture


def number(document: docx.document.Document, paragraph: docx.text.paragraph.Paragraph) -> None:
    """Let Word number a paragraph as `（一）`, which then stands nowhere in its text."""
    root = document.part.numbering_part.element
    if root.find(f"{qn('w:abstractNum')}[@{qn('w:abstractNumId')}='77']") is None:
        level = (
            '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/>'
            '<w:lvlText w:val="（%1）"/></w:lvl>'
        )
        root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{level}</w:abstractNum>'))
        root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    number = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>')
    paragraph._p.get_or_add_pPr().append(number)


def _note(document: docx.document.Document, paragraph: docx.text.paragraph.Paragraph, text: str) -> None:
    """A footnote; python-docx has none, so its part is made here."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    content = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:id="2"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    )
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, content.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    run = OxmlElement("w:r")
    reference = OxmlElement("w:footnoteReference")
    reference.set(qn("w:id"), "2")
    run.append(reference)
    paragraph._p.append(run)
