"""Writes real documents of every kind, for the tests and for `benchmarks/ingestion.py`.

A document is a list of parts: a heading, a paragraph, or a table as rows of cells.
"""

from __future__ import annotations

import functools
import html
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import docx
import openpyxl
from fpdf import FPDF
from fpdf.fonts import FontFace
from PIL import Image, ImageDraw, ImageFont

Heading = tuple[int, str]
Rows = Sequence[Sequence[str]]
Part = Heading | str | Rows

NO_FONT = "机器上没有中文字体：apt-get install -y fonts-noto-cjk 后再跑"
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
)

RULES: list[Part] = [
    (1, "电费催收管理办法"),
    (2, "第一章 总则"),
    "第一条　为了规范电费催收工作，维护供用电双方的合法权益，制定本办法。",
    "第二条　本办法适用于公司所属各供电所的催费人员，包括外委的催费人员。",
    (2, "第二章 催收"),
    "第三条　上门催收应当两人同行，出示工作证，说明欠费的月份和金额，不得在邻居面前谈论客户的欠费。",
    "第三条之一　夜间二十点以后不得上门催收。",
    "第四条　有疑问的，打电话13800138000问催收专责。",
    [
        ["客户类别", "催收方式", "期限"],
        ["居民", "短信和电话", "十五日"],
        ["高压客户", "上门送达通知书", "七日"],
    ],
]
"""A rule with everything a reader must see: chapters, articles, one of them inserted, a telephone, a table."""


@functools.cache
def chinese_font() -> str | None:
    """A font file that has Chinese characters; None when the machine has none."""
    return next((name for name in _FONTS if Path(name).is_file()), None)


def is_rows(part: Part) -> bool:
    return isinstance(part, list)


def write_docx(path: Path, parts: Sequence[Part]) -> Path:
    document = docx.Document()
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
        elif isinstance(part, tuple):
            document.add_heading(part[1], part[0])
        else:
            rows = cast(Rows, part)
            table = document.add_table(len(rows), len(rows[0]))
            for row, cells in zip(table.rows, rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
    document.save(str(path))
    return path


def write_xlsx(path: Path, sheets: dict[str, Rows]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def write_markdown(path: Path, parts: Sequence[Part]) -> Path:
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        elif isinstance(part, tuple):
            out.append("#" * part[0] + " " + part[1])
        else:
            rows = cast(Rows, part)
            lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
            out.append("\n".join("| " + " | ".join(row) + " |" for row in lines))
    path.write_text("\n\n".join(out) + "\n", encoding="utf-8")
    return path


def write_text(path: Path, parts: Sequence[Part], encoding: str = "utf-8") -> Path:
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        elif isinstance(part, tuple):
            out.append(part[1])
        else:
            out += ["；".join(row) for row in cast(Rows, part)]
    path.write_bytes("\r\n".join(out).encode(encoding))
    return path


def write_html(path: Path, parts: Sequence[Part], encoding: str = "utf-8") -> Path:
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(f"<p>{html.escape(part)}</p>")
        elif isinstance(part, tuple):
            out.append(f"<h{part[0]}>{html.escape(part[1])}</h{part[0]}>")
        else:
            rows = ["".join(f"<td>{html.escape(c)}</td>" for c in row) for row in cast(Rows, part)]
            out.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
    page = f'<!doctype html><html><head><meta charset="{encoding}"></head><body>{"".join(out)}</body></html>'
    path.write_bytes(page.encode(encoding))
    return path


class _Paper(FPDF):
    """A page with the header and footer of a company's rule."""

    def __init__(self, header: str) -> None:
        super().__init__()
        self._header = header
        self.add_font("cjk", "", chinese_font(), collection_font_number=2)
        self.set_margins(26, 28, 26)
        self.set_auto_page_break(True, 28)

    def header(self) -> None:
        self.set_font("cjk", size=9)
        self.set_y(10)
        self.cell(0, 5, self._header, align="R")
        self.set_y(28)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("cjk", size=9)
        self.cell(0, 5, f"第 {self.page_no()} 页 共 {{nb}} 页", align="C")


def write_pdf(
    path: Path, parts: Sequence[Part], header: str = "某某供电公司 内部文件", password: str = ""
) -> Path:
    """A PDF with text in it. Paragraphs begin two characters in, as Chinese office documents have it."""
    paper = _Paper(header)
    paper.add_page()
    for part in parts:
        if isinstance(part, str):
            paper.set_font("cjk", size=11)
            paper.multi_cell(0, 7, f"\u3000\u3000{part}", new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")
        elif isinstance(part, tuple):
            paper.set_font("cjk", size=20 - 3 * part[0])
            paper.multi_cell(0, 11, part[1], align="C", new_x="LMARGIN", new_y="NEXT")
        else:
            paper.set_font("cjk", size=10)
            with paper.table(headings_style=FontFace(emphasis="")) as table:
                for cells in cast(Rows, part):
                    row = table.row()
                    for cell in cells:
                        row.cell(cell)
            paper.ln(3)
    if password:
        paper.set_encryption(owner_password=password, user_password=password)
    paper.output(str(path))
    return path


def picture_of(lines: Sequence[str], size: tuple[int, int] = (1240, 1754)) -> Image.Image:
    """A page as a scanner sees it: text as pixels, a little grey."""
    font = ImageFont.truetype(str(chinese_font()), 36)
    picture = Image.new("RGB", size, (250, 249, 245))
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((130, 150 + number * 66), line, fill=(30, 30, 35), font=font)
    return picture


def write_scan(path: Path, pages: Sequence[Sequence[str]]) -> Path:
    """A PDF of pictures only."""
    first, *others = [picture_of(lines) for lines in pages]
    first.save(path, "PDF", resolution=150, save_all=True, append_images=others)
    return path


def wrapped(text: str, width: int = 26) -> list[str]:
    """Printed lines of a paragraph, its first two characters in."""
    lines, used = ["\u3000\u3000"], 2.0
    for character in text:
        wide = 1 if character > "\u2e7f" else 0.55
        if used + wide > width:
            lines.append("")
            used = 0
        lines[-1] += character
        used += wide
    return lines


def scan_lines(parts: Sequence[Part]) -> list[str]:
    """The printed lines of a document; a table's cells stand well apart."""
    out: list[str] = []
    for part in parts:
        if isinstance(part, str):
            out += wrapped(part)
        elif isinstance(part, tuple):
            out.append(part[1])
        else:
            out += ["\u3000\u3000\u3000".join(row) for row in cast(Rows, part)]
    return out


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


WRITERS: dict[str, Callable[[Path, Sequence[Part]], Path]] = {
    "docx": write_docx,
    "pdf": write_pdf,
    "md": write_markdown,
    "txt": write_text,
    "html": write_html,
    "scan.pdf": lambda path, parts: write_scan(path, _pages(scan_lines(parts))),
    "xlsx": lambda path, parts: write_xlsx(path, {"规定": _as_rows(parts)}),
}
"""By the end of the file's name. A workbook holds the same as rows under a header."""


def _pages(lines: Sequence[str], length: int = 22) -> list[Sequence[str]]:
    return [lines[i : i + length] for i in range(0, len(lines), length)]


def _as_rows(parts: Sequence[Part]) -> Rows:
    """Headings in the first column, what stands below them in the second; tables as they are."""
    rows: list[list[str]] = [["标题", "内容"]]
    heading = ""
    for part in parts:
        if isinstance(part, tuple):
            heading = part[1]
        elif isinstance(part, str):
            rows.append([heading, part])
        else:
            rows += [[heading, "，".join(row)] for row in cast(Rows, part)[1:]]
    return rows
