"""How the library writes things down: compact JSON, with a checksum before it where it stands alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from bot.retrieval.ingestion.blocks import Box
from bot.retrieval.ingestion.pieces import Piece


def checksum(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def to_json(value: Any) -> bytes:
    """UTF-8; half characters, as broken files hold them, become question marks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def sealed(rows: Sequence[dict[str, Any]]) -> bytes:
    """Rows with their checksum on a line before them."""
    body = to_json(rows)
    return checksum(body).encode() + b"\n" + body


def unsealed(raw: bytes) -> Any:
    """The rows again; raises ValueError when they are not what was sealed."""
    seal, _, body = raw.partition(b"\n")
    if checksum(body).encode() != seal:
        raise ValueError
    return json.loads(body)


def row_of(piece: Piece) -> dict[str, Any]:
    """A passage without what its document and its place in the list already say."""
    row = asdict(piece)
    del row["document"], row["order"]
    return row


def pieces_from(document: str, rows: Iterable[dict[str, Any]]) -> list[Piece]:
    """The passages of a document, from their rows in order."""
    return [_piece(document, order, row) for order, row in enumerate(rows)]


def box_from(row: Sequence[float]) -> Box:
    page, left, top, right, bottom = row
    return Box(int(page), left, top, right, bottom)


def _piece(document: str, order: int, row: dict[str, Any]) -> Piece:
    tuples = {"headings": tuple(row["headings"]), "pages": tuple(row["pages"])}
    return Piece(
        document=document, order=order, **row | tuples | {"boxes": tuple(map(box_from, row["boxes"]))}
    )
