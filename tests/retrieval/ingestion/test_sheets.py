"""What is peculiar to Excel files, and to tables in general."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.ingestion.reading import read_document
from tests.retrieval.ingestion.documents import write_xlsx


def sheet_of(book: openpyxl.Workbook) -> Worksheet:
    sheet = book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def read(path: Path) -> list[Piece]:
    return list(read_document(path).pieces)


def test_row_knows_its_place(tmp_path: Path) -> None:
    """Each row is a passage with sheet and row number; the title above the header is its heading."""
    rows = [["二〇二六年催费指标", ""], ["", ""], ["供电所", "回收率"], ["城东", "99.8%"], ["城西", "99.1%"]]
    pieces = read(write_xlsx(tmp_path / "指标.xlsx", {"一季度": rows, "空表": []}))

    assert ["供电所：城东；回收率：99.8%", "供电所：城西；回收率：99.1%"] == [p.text for p in pieces]
    assert ("一季度", "二〇二六年催费指标") == pieces[0].headings
    assert ("一季度", 4, "工作表“一季度”第 4 行") == (pieces[0].sheet, pieces[0].row, pieces[0].place)


def test_values_read_as_shown(tmp_path: Path) -> None:
    """Dates, shares, whole numbers and yes or no are written as the sheet shows them."""
    book = openpyxl.Workbook()
    sheet = sheet_of(book)
    sheet.append(["项目", "日期", "比例", "户数", "已办"])
    sheet.append(["停电通知", datetime.datetime(2026, 3, 5), 0.001, 12.0, True])
    sheet["C2"].number_format = "0.00%"
    book.save(tmp_path / "进度.xlsx")

    assert ["项目：停电通知；日期：2026-03-05；比例：0.1%；户数：12；已办：是"] == [
        p.text for p in read(tmp_path / "进度.xlsx")
    ]


def test_merged_cells_reach_every_row(tmp_path: Path) -> None:
    """What is merged over several rows is said in each of them."""
    book = openpyxl.Workbook()
    sheet = sheet_of(book)
    for row in (["客户类别", "步骤"], ["居民", "短信"], [None, "电话"], ["高压", "上门"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "步骤.xlsx")

    assert ["客户类别：居民；步骤：短信", "客户类别：居民；步骤：电话", "客户类别：高压；步骤：上门"] == [
        p.text for p in read(tmp_path / "步骤.xlsx")
    ]


def test_account_number_in_a_column_is_masked(tmp_path: Path) -> None:
    """Names and account numbers are masked by what their column is called."""
    rows = [["户名", "户号", "欠费"], ["张三丰", "3304567890", "128.50元"]]

    text = read(write_xlsx(tmp_path / "欠费.xlsx", {"欠费": rows}))[0].text

    assert "户名：张**；户号：33****90；欠费：128.50元" == text


def test_hidden_sheet_is_left_out(tmp_path: Path) -> None:
    """A hidden sheet is not taken in, and whoever ingests is told so."""
    book = openpyxl.Workbook()
    sheet_of(book).append(["催费要文明，两人同行。"])
    hidden = book.create_sheet("底稿")
    hidden.append(["内部评语"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "须知.xlsx")

    read_it = read_document(tmp_path / "须知.xlsx")

    assert ["催费要文明，两人同行。"] == [p.text for p in read_it.pieces]
    assert ("隐藏的工作表“底稿”没有收。",) == read_it.notes


def test_form_is_read_in_pairs(tmp_path: Path) -> None:
    """A form, with a name before each value, is read as one, and what it says of a person is masked."""
    rows = [["户名", "张三丰", "电话", "13800138000"], ["欠费", "128.5元", "期限", "十五日"]]

    texts = [p.text for p in read(write_xlsx(tmp_path / "登记.xlsx", {"登记": rows}))]

    assert ["户名：张**；电话：138****8000", "欠费：128.5元；期限：十五日"] == texts


def test_figures_make_no_header(tmp_path: Path) -> None:
    """A first row of figures is a row, not a header."""
    rows = [["1", "0.5583"], ["2", "0.6083"]]

    assert ["1；0.5583", "2；0.6083"] == [
        p.text for p in read(write_xlsx(tmp_path / "价.xlsx", {"价": rows}))
    ]
