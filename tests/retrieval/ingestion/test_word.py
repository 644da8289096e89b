"""What is peculiar to Word files."""

from __future__ import annotations

import io
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from bot.retrieval.ingestion.reading import read_document
from tests.retrieval.ingestion.conftest import needs_font
from tests.retrieval.ingestion.documents import picture_of, png

NUMBERING = """
<w:abstractNum {ns} w:abstractNumId="90"><w:multiLevelType w:val="multilevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="第%1条"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
</w:abstractNum>"""


def texts(document: Document, path: Path) -> list[str]:
    document.save(str(path))
    return [p.text for p in read_document(path).pieces]


def numbered(document: Document, text: str, level: int) -> None:
    properties = document.add_paragraph(text)._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>')
    )


def test_counted_numbers_are_text(tmp_path: Path) -> None:
    """第一条 that Word counts by itself is read as if it had been typed, and begins an article."""
    document = docx.Document()
    root = document.part.numbering_part.element
    root.insert(0, parse_xml(NUMBERING.format(ns=nsdecls("w"))))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for text, level in (
        ("不得有下列行为：", 0), ("威胁客户；", 1), ("私收电费。", 1), ("违者按下列办法处理：", 0), ("批评；", 1), ("当众；", 2),
    ):  # fmt: skip
        numbered(document, text, level)

    found = texts(document, tmp_path / "办法.docx")

    assert [
        "第一条 不得有下列行为：\n（一）威胁客户；\n（二）私收电费。",
        "第二条 违者按下列办法处理：\n（一）批评；\n1.当众；",
    ] == found


def test_merged_cells_are_told_in_every_row(tmp_path: Path) -> None:
    """A cell merged over rows is said in each of them; a header over two columns names both."""
    document = docx.Document()
    document.add_paragraph("电价怎么定，看下面这张表。")
    table = document.add_table(4, 3)
    rows = [
        ["类别", "电价", "电价"],
        ["类别", "峰", "谷"],
        ["居民", "0.58", "0.38"],
        ["居民", "0.60", "0.40"],
    ]
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    for a, b in (((0, 0), (1, 0)), ((0, 1), (0, 2)), ((2, 0), (3, 0))):
        for cell in (table.cell(*a), table.cell(*b)):
            text = cell.text
            cell.text = ""
        table.cell(*a).merge(table.cell(*b)).text = text

    found = texts(document, tmp_path / "电价.docx")

    assert ["类别：居民；电价 峰：0.58；电价 谷：0.38", "类别：居民；电价 峰：0.60；电价 谷：0.40"] == found[
        1:
    ]


def test_controls_and_changes_are_read(tmp_path: Path) -> None:
    """Text in a content control and in an inserted change is read; deleted text and the contents page are not."""
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("第一章 总则\t1", style="toc 1")
    paragraph = document.add_paragraph("有事请拨打：")
    for tag, text in (("w:ins", "九五五九八。"), ("w:del", "旧号码")):
        change = OxmlElement(tag)
        run = OxmlElement("w:r")
        words = OxmlElement("w:t" if tag == "w:ins" else "w:delText")
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    control.append(content)
    paragraph._p.addnext(control)
    content.append(document.add_paragraph("人工服务不停歇。")._p)

    assert ["有事请拨打：九五五九八。\n人工服务不停歇。"] == texts(document, tmp_path / "热线.docx")


def test_text_box_is_read_once(tmp_path: Path) -> None:
    """Text in a box is read; the copy that Word keeps for old programs is not."""
    document = docx.Document()
    run = document.add_paragraph("流程如下，按顺序办。").add_run()
    box = "<w:txbxContent><w:p><w:r><w:t>先核对户号，再催交。</w:t></w:r></w:p></w:txbxContent>"
    names = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    run._r.append(
        parse_xml(
            f"<mc:AlternateContent {names} {nsdecls('w')}><mc:Choice Requires='wps'>{box}</mc:Choice>"
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
        )
    )

    assert ["流程如下，按顺序办。\n先核对户号，再催交。"] == texts(document, tmp_path / "流程.docx")


@needs_font
def test_pasted_scan_is_read(tmp_path: Path) -> None:
    """A scan pasted into a document is read by its picture, and whoever ingests it is told."""
    document = docx.Document()
    document.add_paragraph("会议纪要见下图。")
    document.add_picture(io.BytesIO(png(picture_of(["停电通知应当提前七天送达客户"], (1000, 500)))))
    path = tmp_path / "纪要.docx"
    document.save(str(path))

    read = read_document(path)

    assert "停电通知应当提前七天送达客户" in "".join(p.text for p in read.pieces)
    assert "1 张图是扫描的" in read.notes[0]


def test_outline_level_makes_heading(tmp_path: Path) -> None:
    """A paragraph with an outline level is a heading even in a style of the author's own."""
    document = docx.Document()
    document.add_paragraph("催费三十问")
    head = document.add_paragraph("上门之前要想清楚的几件事情")
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "1")
    head._p.get_or_add_pPr().append(level)
    document.add_paragraph("先看账。")
    document.save(str(tmp_path / "三十问.docx"))

    piece = read_document(tmp_path / "三十问.docx").pieces[0]

    assert ("催费三十问", "上门之前要想清楚的几件事情") == piece.headings
