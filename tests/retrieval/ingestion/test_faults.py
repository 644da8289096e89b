"""Every faulty file is one clear line with what to do, whatever is wrong with it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.retrieval.ingestion import kinds
from bot.retrieval.ingestion import pdf as pdf_reader
from bot.retrieval.ingestion.finding import files_below, name_of
from bot.retrieval.ingestion.reading import read_document
from tests.retrieval.ingestion.conftest import needs_font
from tests.retrieval.ingestion.documents import RULES, write_docx, write_pdf, write_text, write_xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def holding(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def zipped(name: str, part: str, content: bytes, types: bytes = b"") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("[Content_Types].xml", types)
            out.writestr(part, content)
        return folder / name

    return write


def shortened(write: Callable[[Path], Path]) -> Callable[[Path], Path]:
    def cut(folder: Path) -> Path:
        path = write(folder)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
        return path

    return cut


FAULTY: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (holding("空.txt", b""), "空文件"),
    "no text": (holding("空白.md", b"---\n\n***\n"), "没有文字"),
    "old Word": (holding("旧.doc", OLE), r"\.doc .*另存为 docx"),
    "old Excel": (holding("旧.xls", OLE), r"\.xls .*另存为 xlsx"),
    "slides": (holding("旧.ppt", OLE), r"\.ppt .*另存为 pdf"),
    "renamed old Word": (holding("改名.docx", OLE + "WordDocument".encode("utf-16-le")), "老格式.*docx"),
    "renamed old Excel": (holding("改名.xlsx", OLE + "Workbook".encode("utf-16-le")), "老格式.*xlsx"),
    "locked Word": (holding("锁.docx", OLE + "EncryptedPackage".encode("utf-16-le")), "密码"),
    "locked Excel": (holding("锁.xlsx", OLE + "EncryptedPackage".encode("utf-16-le")), "密码"),
    "zip that is no Word": (zipped("压缩包.docx", "a.txt", b"x"), "不是Word"),
    "Excel named Word": (lambda f: write_xlsx(f / "表.xlsx", {"a": [["甲"]]}).rename(f / "表.docx"), "Excel.*xlsx"),
    "text named PDF": (holding("文字.pdf", "第一条 催费。".encode()), "不是PDF"),
    "PDF named text": (holding("其实.txt", b"%PDF-1.7 "), "PDF.*改成 .pdf"),
    "macros": (
        zipped("宏.docx", "word/document.xml", b"<a/>", b"ms-word.document.macroEnabled"),
        "宏",
    ),
    "truncated Word": (shortened(lambda f: write_docx(f / "断.docx", RULES)), "不完整"),
    "truncated Excel": (shortened(lambda f: write_xlsx(f / "断.xlsx", {"a": [["b"] * 9] * 99})), "不完整"),
    "broken Word": (zipped("坏.docx", "word/document.xml", b"<w:document"), "坏"),
    "broken Excel": (zipped("坏.xlsx", "xl/workbook.xml", b"<workbook"), "坏"),
    "broken PDF": (holding("坏.pdf", b"%PDF-1.7\n%%EOF"), "不完整"),
    "bomb": (zipped("炸弹.docx", "word/document.xml", bytes(301 * 1024 * 1024)), "300 MB"),
    "unknown": (holding("程序.exe", b"MZ"), r"不认识 \.exe"),
    "no extension": (holding("通知", "停电".encode()), "没有扩展名"),
    "missing": (lambda folder: folder / "没有.txt", "读不了"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_fault_is_one_line_with_remedy(tmp_path: Path, name: str) -> None:
    """Each fault says in one line what is wrong and what to do about it."""
    write, said = FAULTY[name]
    path = write(tmp_path)

    with pytest.raises(BadInput, match=said) as fault:
        read_document(path)

    assert "\n" not in str(fault.value) and fault.value.remedy.endswith("。")


@needs_font
def test_locked_pdf_asks_to_unlock(tmp_path: Path) -> None:
    """A PDF with a password says so."""
    with pytest.raises(BadInput, match="密码"):
        read_document(write_pdf(tmp_path / "锁.pdf", RULES, password="pass-7"))


@needs_font
def test_truncated_pdf_is_noticed(tmp_path: Path) -> None:
    """PDFium would mend a file that breaks off and show what is left; it is refused instead."""
    path = write_pdf(tmp_path / "断.pdf", RULES)
    path.write_bytes(path.read_bytes()[:-8])

    with pytest.raises(BadInput, match="没下载完"):
        read_document(path)


@needs_font
def test_too_many_pages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document longer than the limit says how many pages it has; the limit is lowered here to keep the test small."""
    monkeypatch.setattr(pdf_reader, "MOST_PAGES", 1)

    with pytest.raises(BadInput, match="2 页，超过 1 页"):
        read_document(write_pdf(tmp_path / "长.pdf", RULES * 4))


def test_too_large_file_is_refused(tmp_path: Path) -> None:
    """A file above the limit is refused by its size, before a byte is read."""
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(kinds.LARGEST_FILE + 1)

    with pytest.raises(BadInput, match="超过 100 MB"):
        read_document(path)


def test_unreadable_file_says_so(tmp_path: Path) -> None:
    """A file one may not read is named with the permission as the cause."""
    path = write_text(tmp_path / "锁着.txt", RULES)
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may read everything
    try:
        with pytest.raises(BadInput, match="权限"):
            read_document(path)
    finally:
        os.seteuid(user)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    """XML that would grow without end, or read another file, does neither."""
    secret = write_text(tmp_path / "秘密.txt", ["不该读到的内容"])
    path = write_xlsx(tmp_path / "实体.xlsx", {"a": [["甲", "乙"], ["1", "2"]]})
    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    bomb = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'.encode()
    sheet = content["xl/worksheets/sheet1.xml"]
    content["xl/worksheets/sheet1.xml"] = bomb + sheet.replace(b"<sheetData>", b"<sheetData>&a;")
    with zipfile.ZipFile(path, "w") as parts:
        for name, raw in content.items():
            parts.writestr(name, raw)

    with pytest.raises(BadInput, match="坏"):
        read_document(path)


def test_folder_is_searched_in_order(tmp_path: Path) -> None:
    """All files below a folder are found once; what programs leave behind is passed over."""
    for name in ("b/乙.txt", "a/甲.txt", "a/~$甲.docx", ".DS_Store", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_text(tmp_path / name, RULES)

    found = [path for path, fault in files_below([tmp_path, tmp_path / "a/甲.txt"]) if fault is None]

    assert [tmp_path / "a/甲.txt", tmp_path / "b/乙.txt"] == found


def test_old_archive_names_are_read(tmp_path: Path) -> None:
    """A name in GB18030, as old archives have it, is shown in Chinese, and a line break in a name stays in its line."""
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + "/停电\n通知.txt".encode("gb18030")))
    odd.write_text("第一条 先通知，后停电。", encoding="utf-8")

    assert "停电_通知.txt" == read_document(odd).name == name_of(Path(odd.name))


def test_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """A link that leads out of the folder is refused, to a file or to a folder; one inside it is passed over."""
    outside, inside = tmp_path / "外面", tmp_path / "里面"
    outside.mkdir()
    inside.mkdir()
    write_text(outside / "密.txt", RULES)
    write_text(inside / "公.txt", RULES)
    (inside / "链.txt").symlink_to(outside / "密.txt")
    (inside / "链夹").symlink_to(outside)
    (inside / "自己.txt").symlink_to(inside / "公.txt")

    found = {path.name: str(fault or "") for path, fault in files_below([inside])}

    assert {"公.txt", "链.txt", "链夹"} == set(found)
    assert "链接" in found["链.txt"] and "链接" in found["链夹"] and not found["公.txt"]
