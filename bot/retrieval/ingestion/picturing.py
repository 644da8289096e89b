"""Draws a page of a PDF with a passage marked and personal data covered."""

from __future__ import annotations

import io
from collections.abc import Iterable

from PIL import Image, ImageChops, ImageDraw

from bot.retrieval.ingestion.blocks import Box
from bot.retrieval.ingestion.pdf import PDFIUM, opened

WIDTH, TALLEST = 1200, 4000
"""Pixels of a page's picture: sharp on a phone, and never large however odd the page."""

_MARKER, _COVER = (255, 226, 120), (70, 78, 80)


def page_png(raw: bytes, page: int, passage: Iterable[Box], hidden: Iterable[Box]) -> bytes:
    """The page as PNG. Boxes of other pages are passed over."""
    picture = _render(raw, page)
    marked = _marked(picture, [b for b in passage if b.page == page], [b for b in hidden if b.page == page])
    out = io.BytesIO()
    marked.save(out, "PNG")
    return out.getvalue()


def _render(raw: bytes, page: int) -> Image.Image:
    with opened(raw) as document, PDFIUM:
        sheet = document[page - 1]
        try:
            wide, high = sheet.get_size()
            picture: Image.Image = sheet.render(scale=min(WIDTH / wide, TALLEST / high)).to_pil()
        finally:
            sheet.close()
    return picture.convert("RGB")


def _marked(picture: Image.Image, boxes: Iterable[Box], hidden: Iterable[Box]) -> Image.Image:
    """Multiplied, so that ink stays black under the marker."""
    marker = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(marker)
    for box in boxes:
        draw.rectangle(_pixels(box, picture.size), fill=_MARKER)
    marked = ImageChops.multiply(picture, marker)
    draw = ImageDraw.Draw(marked)
    for box in hidden:
        left, top, right, bottom = _pixels(box, picture.size)
        more = (bottom - top) / 2  # on a scan the places of single characters are estimates
        draw.rectangle((left - more, top, right + more, bottom), fill=_COVER)
    return marked


def _pixels(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    return box.left * size[0], box.top * size[1], box.right * size[0], box.bottom * size[1]
