"""Sets a certificate as a PDF: typst for the page, segno for the code that leads to the check page."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent / "templates" / "certificate.typ"
FONTS = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC")


@dataclass(frozen=True)
class Sheet:
    """What stands on it. `address` is the whole address of the check page."""

    number: str
    name: str
    post: str
    title: str
    modules: int
    issued: date
    until: date
    address: str


def certificate_pdf(sheet: Sheet) -> bytes:
    """A4; the same bytes for the same certificate. Libraries load with the first one that is asked for."""
    import typst

    fonts = _own_fonts()
    files = {"main.typ": TEMPLATE.read_bytes(), "qr.svg": qr_svg(sheet.address)}
    inputs = {
        "number": sheet.number, "name": sheet.name, "post": sheet.post, "title": sheet.title,
        "modules": str(sheet.modules), "address": sheet.address, "font": "|".join(FONTS),
        "issued": _day(sheet.issued), "until": _day(sheet.until),
    }  # fmt: skip
    made = typst.compile(  # type: ignore[call-overload]  # its stubs know no files in memory
        files,
        format="pdf",
        font_paths=[str(fonts)] if fonts else [],
        ignore_system_fonts=fonts is not None,
        sys_inputs=inputs,
    )
    assert isinstance(made, bytes)  # noqa: S101  without an output file it gives bytes
    return made


def qr_svg(address: str) -> bytes:
    """Dark on white with a quiet zone: it is scanned from paper."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", scale=4, border=2, dark="#1d2a2e", light="#fff"
    )
    return out.getvalue()


def _own_fonts() -> Path | None:
    """The folder of the font that comes with us; None where it is not installed and the machine's must do."""
    package = find_spec("zhplot")
    folder = Path(package.origin).parent / "fonts" if package and package.origin else None
    return folder if folder and folder.is_dir() else None


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
