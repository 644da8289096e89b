"""Opens a passage where it stands: the text round it, and for a PDF the page with the passage marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.content.numerals import article_label
from bot.retrieval.ingestion.library import Library, Manifest
from bot.retrieval.ingestion.pieces import Piece, title_of

STATUS_LABEL = "单位文件"
REACH = 3
"""Passages before and after that are shown where they belong to the same article or heading."""


def open_piece(library: Library, piece_id: str) -> dict[str, Any] | None:
    """The passage among its neighbours, in the shape of `bot.sources.open_source`; None when there is no such passage.

    `pictures` are the pages that `page_picture` can show. Raises NotReady when the document is damaged.
    """
    found = _find(library, piece_id)
    return _opened(*found) if found else None


def page_picture(library: Library, piece_id: str, page: int | None = None) -> bytes | None:
    """A PNG of the passage's first page, or of `page`, with the passage marked and personal data covered.

    None when there is no such passage, or it is not on that page, or its document has no pages.
    """
    from bot.retrieval.ingestion.picturing import page_png  # imaging libraries load with the first picture

    found = _find(library, piece_id)
    piece = found[2] if found else None
    shown = piece.page if piece is not None and page is None else page
    if piece is None or shown is None or shown not in piece.pages:
        return None
    try:
        raw, hidden = library.original(piece.document)
    except KeyError:  # taken out meanwhile
        return None
    return page_png(raw, shown, piece.boxes, hidden)


def _find(library: Library, piece_id: str) -> tuple[Manifest, Sequence[Piece], Piece] | None:
    name = library.document_of(piece_id)
    try:
        manifest, pieces = library.open(name or "")
    except KeyError:
        return None
    piece = next((p for p in pieces if p.id == piece_id), None)
    return (manifest, pieces, piece) if piece else None


def _opened(manifest: Manifest, pieces: Sequence[Piece], piece: Piece) -> dict[str, Any]:
    around = [p for p in pieces[max(0, piece.order - REACH) : piece.order + REACH + 1] if _together(p, piece)]
    text, marks = "", []
    apart = "\n" if piece.article else "\n\n"
    for neighbour in around:
        text += apart if text else ""
        if neighbour is piece:
            marks.append([len(text), len(text) + len(piece.text)])
        text += neighbour.text
    name = title_of(piece.document)
    return {
        "id": piece.id,
        "kind": "document",
        "title": piece.title,
        "law": name,
        "article_label": article_label(piece.article),
        "status": "unverified",
        "status_label": STATUS_LABEL,
        "effective": None,
        "version": None,
        "sections": [{"heading": "原文", "text": text, "law": False, "marks": marks}],
        "source": "，".join(filter(None, [f"本单位收进来的《{name}》", piece.place])),
        "reviewed_on": manifest.ingested_on,
        "pictures": list(piece.pages),
    }


def _together(one: Piece, other: Piece) -> bool:
    return (one.headings, one.article, one.sheet) == (other.headings, other.article, other.sheet)
