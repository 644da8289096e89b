"""Vectors are kept between starts, and a file that is stale, short or altered is never believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.retrieval.shipped import ship, shipped_rows
from bot.retrieval.tokens import Tokens
from bot.retrieval.vectors import passage_vectors
from tests.retrieval.fakes import FakeEncoder

TEXTS = ["欠费多久可以停电", "违约金怎么算", "物业停电找谁"]


def test_vectors_are_kept(tmp_path: Path) -> None:
    """The second start reads the file and encodes nothing."""
    cache, encoder = tmp_path / "v.bin", FakeEncoder()
    first = passage_vectors(encoder, TEXTS, cache)
    second = passage_vectors(encoder, TEXTS, cache)

    assert len(TEXTS) == encoder.encoded
    assert np.array_equal(first, second)


@pytest.mark.parametrize("damage", ["flip", "short", "empty", "garbage"])
def test_damaged_file_is_rebuilt(tmp_path: Path, damage: str) -> None:
    """One flipped byte is enough: the file is made anew and serves again."""
    cache, encoder = tmp_path / "v.bin", FakeEncoder()
    good = passage_vectors(encoder, TEXTS, cache)
    raw = bytearray(cache.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    cache.write_bytes(
        {"flip": bytes(raw), "short": bytes(raw[:-9]), "empty": b"", "garbage": b"\x00" * 999}[damage]
    )
    again = passage_vectors(encoder, TEXTS, cache)

    assert np.array_equal(good, again)
    assert 2 * len(TEXTS) == encoder.encoded
    assert np.array_equal(good, passage_vectors(encoder, TEXTS, cache))


def test_only_what_changed_is_encoded(tmp_path: Path) -> None:
    """A changed text costs itself, and the same text twice costs once; another encoder starts anew."""
    cache = tmp_path / "v.bin"
    passage_vectors(FakeEncoder("one"), TEXTS, cache)
    changed, other = FakeEncoder("one"), FakeEncoder("two")
    rows = passage_vectors(changed, [*TEXTS[:2], "验表几天", "验表几天"], cache)
    passage_vectors(other, TEXTS, cache)

    assert (1, len(TEXTS)) == (changed.encoded, other.encoded)
    assert np.array_equal(rows[:3], FakeEncoder("one").encode_passages([*TEXTS[:2], "验表几天"]))
    assert np.array_equal(rows[2], rows[3])


def test_shipped_vectors_are_a_head_start(tmp_path: Path) -> None:
    """Eight bits keep the direction; another encoder, another size or a damaged file gives none, and no error."""
    path = tmp_path / "vectors.npz"
    rows = FakeEncoder().encode_passages(TEXTS)
    ship("fake-1", np.arange(3), rows, path)
    ids, held = shipped_rows("fake-1", FakeEncoder.dim, path)

    assert [0, 1, 2] == ids.tolist()
    assert ((held * rows).sum(1) / np.linalg.norm(held, axis=1) > 0.999).all()
    assert (
        0 == len(shipped_rows("other", FakeEncoder.dim, path)[0]) == len(shipped_rows("fake-1", 5, path)[0])
    )
    path.write_bytes(path.read_bytes()[:-40])
    assert 0 == len(shipped_rows("fake-1", FakeEncoder.dim, path)[0])
    assert 0 == len(shipped_rows("fake-1", FakeEncoder.dim, tmp_path / "none.npz")[0])


def test_progress_is_told(tmp_path: Path) -> None:
    """Whoever waits sees how far it is."""
    told: list[tuple[int, int]] = []
    passage_vectors(
        FakeEncoder(), [f"文{n}" for n in range(100)], None, lambda done, total: told.append((done, total))
    )

    assert told == [(64, 100), (100, 100)]


def test_cut_words_are_kept(tmp_path: Path, tokens: Tokens) -> None:
    """Words once cut are read back the same; a damaged file is cut anew."""
    cache = tmp_path / "words.json"
    first = tokens.words_of(TEXTS, cache)
    cache.write_bytes(cache.read_bytes()[:-3] + b"xxx")

    assert first == tokens.words_of(TEXTS, cache) == tokens.words_of(TEXTS, None)
    assert first == tokens.words_of(TEXTS, cache)


def test_unwritable_folder_is_survived(tmp_path: Path) -> None:
    """Where nothing can be kept, vectors are simply made."""
    (tmp_path / "file").write_text("不是文件夹", encoding="utf-8")

    assert (3, FakeEncoder.dim) == passage_vectors(FakeEncoder(), TEXTS, tmp_path / "file" / "v.bin").shape
