"""What kind of document a file is, judged by what is in it; its name must agree."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from bot.errors import BadInput

Kind = Literal["docx", "pdf", "xlsx", "md", "txt", "html"]

NAMES: dict[str, Kind] = {
    ".docx": "docx",
    ".pdf": "pdf",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".md": "md",
    ".markdown": "md",
    ".txt": "txt",
    ".html": "html",
    ".htm": "html",
}
TAKEN = "能收的有 docx、pdf、xlsx、md、txt、html"
LARGEST_FILE = 100 * 1024 * 1024
LARGEST_UNPACKED = 300 * 1024 * 1024
MOST_PARTS = 20_000

_SAVE_AS = {
    ".doc": "docx", ".docm": "docx", ".wps": "docx", ".rtf": "docx", ".odt": "docx", ".xls": "xlsx", ".et": "xlsx",
    ".ods": "xlsx", ".csv": "xlsx", ".ppt": "pdf", ".pptx": "pdf", ".dps": "pdf", ".ofd": "pdf", ".jpg": "pdf",
    ".jpeg": "pdf", ".png": "pdf", ".tif": "pdf", ".tiff": "pdf", ".bmp": "pdf",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TITLES: dict[Kind, str] = {
    "docx": "Word 文档",
    "pdf": "PDF",
    "xlsx": "Excel 表格",
    "md": "文字",
    "txt": "文字",
    "html": "网页",
}


def kind_of(path: Path) -> Kind:
    """The kind of document at `path`; raises BadInput for what cannot be taken in, with what to do about it."""
    named = NAMES.get(path.suffix.lower())
    size = path.stat().st_size
    if named is None:
        raise _unknown(path)
    if size == 0:
        raise BadInput("是空文件。", "请检查有没有存好，再收一次。")
    if size > LARGEST_FILE:
        raise BadInput(
            f"有 {size / 1024 / 1024:.0f} MB，超过 100 MB。", "请拆成几个文件，或压缩里面的图片再收。"
        )
    found = _by_content(path)
    if found is None or (found == "txt" and named in ("docx", "pdf", "xlsx")):
        raise BadInput(
            f"名字是 {path.suffix}，里面却不是{_TITLES[named]}。", "请用原来的程序打开，另存一份再收。"
        )
    if found != named and not (found == "txt" and named in ("md", "html")):
        right = next(suffix for suffix, kind in NAMES.items() if kind == found)
        raise BadInput(f"名字是 {path.suffix}，里面却是{_TITLES[found]}。", f"请把扩展名改成 {right} 再收。")
    return named


def _unknown(path: Path) -> BadInput:
    suffix = path.suffix.lower()
    if better := _SAVE_AS.get(suffix):
        return BadInput(f"不收 {suffix} 这种文件。", f"请打开它，另存为 {better} 再收。")
    return BadInput(f"不认识 {suffix} 这种文件。" if suffix else "名字没有扩展名。", f"{TAKEN}。")


def _by_content(path: Path) -> Kind | None:
    with path.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(_OLE):
        raise _old_office(path)
    if head.startswith(b"PK"):
        return _of_zip(path)
    return "txt"  # whether it is text at all is seen when it is decoded


def _old_office(path: Path) -> BadInput:
    """A locked docx or xlsx lies in the same kind of container as the old formats; its streams tell them apart."""
    raw = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in raw:
        return BadInput("加了打开密码。", "请去掉密码，另存一份再收。")
    better = "xlsx" if "Workbook".encode("utf-16-le") in raw else "docx"
    return BadInput(
        "是老格式的 Office 文件，只是改了名字。", f"请用 Word、Excel 或 WPS 打开，另存为 {better} 再收。"
    )


def _of_zip(path: Path) -> Kind | None:
    try:
        with zipfile.ZipFile(path) as parts:
            listed = parts.infolist()
            if len(listed) > MOST_PARTS or sum(p.file_size for p in listed) > LARGEST_UNPACKED:
                raise BadInput(
                    "解开后超过 300 MB，大得不像正常文件。", "请确认来源；确实要收就拆成几个文件。"
                )
            if any(p.flag_bits & 1 for p in listed):
                raise BadInput("加了密码。", "请去掉密码，另存一份再收。")
            names = {p.filename for p in listed}
            types = parts.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
    except (zipfile.BadZipFile, OSError, EOFError):
        raise BadInput("不完整，打不开。", "请重新拷贝或下载一份再收。") from None
    if "word/document.xml" in names:
        if b"macroEnabled" in types:
            raise BadInput("带着宏。", "请另存为不带宏的 .docx 再收。")
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else None
