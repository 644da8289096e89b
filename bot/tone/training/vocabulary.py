"""Cuts the base's word table to what collectors say: the network must stay below ten megabytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

SPECIALS = 4


def pieces_to_keep(
    tokenizer: Any, pieces: Sequence[str], scores: Sequence[float], texts: Iterable[str], size: int
) -> list[int]:
    """At most `size` pieces: special ones, all the texts use, then the most frequent single signs of the language."""
    used: dict[int, int] = {}
    for text in texts:
        for piece in tokenizer.encode(text).ids:
            used[piece] = used.get(piece, 0) + 1
    kept = dict.fromkeys(range(SPECIALS))
    single = [i for i, piece in enumerate(pieces) if len(piece.lstrip("▁")) <= 1]
    common = sorted(single, key=lambda i: -scores[i])
    kept |= dict.fromkeys(i for i in sorted(used, key=lambda i: -used[i]) if len(pieces[i].lstrip("▁")) <= 1)
    kept |= dict.fromkeys(common[: size // 2])
    kept |= dict.fromkeys(i for i in sorted(used, key=lambda i: -used[i]))
    kept |= dict.fromkeys(common)
    return sorted(list(kept)[:size])
