"""What is peculiar to PDF files: places on the page, headers, wrapped lines, ruled tables, scans."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from fpdf.fonts import FontFace

from bot.retrieval.ingestion.blocks import Box
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.ingestion.reading import Document, read_document
from tests.retrieval.ingestion.conftest import needs_font
from tests.retrieval.ingestion.documents import (
    RULES,
    Part,
    chinese_font,
    scan_lines,
    wrapped,
    write_pdf,
    write_scan,
)

pytestmark = needs_font
SENTENCE = "催费人员上门应当两人同行，出示工作证，说明欠费的月份和金额，不得在邻居面前谈论客户的欠费情况。"
LONG: list[Part] = [(1, "长办法"), *(f"第{n}条　{SENTENCE}{SENTENCE}" for n in "一二三四五六七八九十")] * 3


def words_in(path: Path, box: Box) -> str:
    """What PDFium itself finds inside a box, as an independent witness."""
    document = pdfium.PdfDocument(path)
    page = document[box.page - 1]
    wide, high = page.get_size()
    text = page.get_textpage()
    inside = text.get_text_bounded(
        box.left * wide, (1 - box.bottom) * high, box.right * wide, (1 - box.top) * high
    )
    for part in (text, page, document):
        part.close()
    return str(inside)


def plain(text: str) -> str:
    return "".join(text.split())


def article(document: Document, label: int | str) -> Piece:
    return next(p for p in document.pieces if p.article == label)


def test_boxes_hold_the_passage(tmp_path: Path) -> None:
    """The boxes of a passage hold its words, all of them and no others."""
    path = write_pdf(tmp_path / "办法.pdf", RULES)
    document = read_document(path)

    for label in (1, 3, "3之一"):
        piece = article(document, label)
        assert plain(piece.text) == plain("".join(words_in(path, box) for box in piece.boxes))


def test_header_and_page_numbers_are_dropped(tmp_path: Path) -> None:
    """What repeats on every page, and the page's number, is in no passage."""
    document = read_document(write_pdf(tmp_path / "长办法.pdf", LONG))
    texts = "".join(p.text for p in document.pieces)

    assert document.pages is not None and document.pages >= 3
    assert "内部文件" not in texts and "共" not in texts
    assert 60 == texts.count(SENTENCE)


def test_article_over_the_page_is_whole(tmp_path: Path) -> None:
    """A paragraph that goes on over the page is one passage on both pages."""
    document = read_document(write_pdf(tmp_path / "长办法.pdf", LONG))
    across = [p for p in document.pieces if len(p.pages) > 1]

    assert across
    assert all(SENTENCE * 2 in p.text and p.place == f"第 {p.pages[0]}–{p.pages[1]} 页" for p in across)


def test_wrapped_cells_stay_in_their_column(tmp_path: Path) -> None:
    """Text that wraps inside a ruled cell is read as that cell's, however narrow the columns."""
    rows = [["客户类别", "怎样通知"], ["高压客户和双电源客户", SENTENCE], ["居民", "短信"]]

    texts = [p.text for p in read_document(write_pdf(tmp_path / "表.pdf", ["按下表办。", rows])).pieces]

    assert f"客户类别：高压客户和双电源客户；怎样通知：{SENTENCE}" in texts


def test_table_over_pages_keeps_its_header(tmp_path: Path) -> None:
    """On the next page rows still carry the names of the columns, whether the header is printed again or not."""
    rows = [["供电所", "要求"], *([f"第{n}供电所", SENTENCE] for n in range(1, 60))]
    document = read_document(write_pdf(tmp_path / "指标.pdf", ["各所指标如下。", rows]))
    last = document.pieces[-1]

    assert last.page is not None and last.page > 1
    assert f"供电所：第59供电所；要求：{SENTENCE}" == last.text


def test_spanning_cell_is_told_in_every_row(tmp_path: Path) -> None:
    """A cell that spans rows is said in each of them."""
    paper = FPDF()
    paper.add_font("cjk", "", chinese_font(), collection_font_number=2)
    paper.add_page()
    paper.set_font("cjk", size=11)
    with paper.table(headings_style=FontFace(emphasis="")) as table:
        head = table.row()
        for text in ("类别", "时段", "价"):
            head.cell(text)
        first = table.row()
        first.cell("居民", rowspan=2)
        first.cell("峰")
        first.cell("0.58")
        second = table.row()
        second.cell("谷")
        second.cell("0.38")
    paper.output(str(tmp_path / "价.pdf"))

    assert ["类别：居民；时段：峰；价：0.58", "类别：居民；时段：谷；价：0.38"] == [
        p.text for p in read_document(tmp_path / "价.pdf").pieces
    ]


def test_personal_data_is_found_on_the_page(tmp_path: Path) -> None:
    """A telephone number that is masked in the text is known by its place, so that a picture can cover it."""
    path = write_pdf(tmp_path / "办法.pdf", RULES)
    hidden = read_document(path).hidden

    assert ["13800138000"] == [words_in(path, box) for box in hidden]


def test_personal_data_in_a_cell_is_found(tmp_path: Path) -> None:
    """What only the name of its column gives away is found in its cell as well."""
    rows = [["户号", "欠费"], ["33045678", "128.5元"]]
    path = write_pdf(tmp_path / "清单.pdf", ["欠费清单在下面这张表里。", rows])
    document = read_document(path)

    assert "户号：33****78；欠费：128.5元" == document.pieces[-1].text
    assert {"33045678"} == {words_in(path, box).strip() for box in document.hidden}


def test_turned_page_has_boxes_as_shown(tmp_path: Path) -> None:
    """On a page that is shown turned, places are those one sees."""
    paper = FPDF()
    paper.add_font("cjk", "", chinese_font(), collection_font_number=2)
    paper.add_page()
    paper.set_font("cjk", size=12)
    with paper.rotation(90, 30, 280):  # written up the page, which is then shown turned to the right
        paper.text(30, 280, f"第一条　{SENTENCE}")
    paper.output(str(tmp_path / "竖.pdf"))
    document = pdfium.PdfDocument(tmp_path / "竖.pdf")
    document[0].set_rotation(90)
    document.save(tmp_path / "横.pdf")

    box = read_document(tmp_path / "横.pdf").pieces[0].boxes[0]

    assert (17 / 297, 30 / 210) == pytest.approx((box.left, box.bottom), abs=0.02)
    assert box.right - box.left > 0.7 and box.bottom - box.top < 0.05


def test_watermark_is_left_out(tmp_path: Path) -> None:
    """Slanting text across a page is no part of its sentences."""
    paper = FPDF()
    paper.add_font("cjk", "", chinese_font(), collection_font_number=2)
    paper.add_page()
    paper.set_font("cjk", size=12)
    paper.multi_cell(0, 8, SENTENCE)
    with paper.rotation(45, 105, 148):
        paper.text(60, 148, "内部资料严禁外传")
    paper.output(str(tmp_path / "水印.pdf"))

    assert "严禁外传" not in "".join(p.text for p in read_document(tmp_path / "水印.pdf").pieces)


def test_scan_is_read_with_places(tmp_path: Path) -> None:
    """A scanned page is read by its picture: pages, articles and boxes are there, and whoever ingests is told."""
    pages = [scan_lines(RULES[:4]), wrapped("第三条　" + SENTENCE)]

    document = read_document(write_scan(tmp_path / "扫描件.pdf", pages))
    piece = article(document, 3)

    assert ((2,), 2) == (piece.pages, document.pages)
    assert 0.05 < piece.boxes[0].top < 0.15 and piece.boxes[0].right > 0.7
    assert "2 页是扫描的" in document.notes[0]
    assert [1, 2, 3] == [p.article for p in document.pieces if p.article]


def test_progress_counts_pages(tmp_path: Path) -> None:
    """Whoever waits is told how many pages are done."""
    told: list[tuple[int, int]] = []
    document = read_document(
        write_pdf(tmp_path / "长办法.pdf", LONG), lambda done, total: told.append((done, total))
    )

    assert [(n, document.pages) for n in range(1, (document.pages or 0) + 1)] == told
