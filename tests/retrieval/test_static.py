"""The static encoder is what its card says: unit rows, the same everywhere, and a clear word when a file is missing."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.errors import NotReady
from bot.retrieval.static import SHIPPED, StaticEncoder


@pytest.fixture(scope="module")
def static() -> StaticEncoder:
    return StaticEncoder()


def test_rows_are_unit(static: StaticEncoder) -> None:
    """Rows have length one, whatever was typed; no text gives no rows."""
    rows = static.encode_passages(["欠费多久可以停电", "", "😀", "电" * 20_000, "\ud83d坏字"])

    assert (5, static.dim) == rows.shape
    assert np.allclose(1, np.linalg.norm(rows, axis=1), atol=1e-4)
    assert (0, static.dim) == static.encode_queries([]).shape


def test_meaning_beats_spelling(static: StaticEncoder) -> None:
    """A spoken question lies nearer to its rule than to a sentence that shares its words."""
    query = static.encode_queries(["晚交电费一天加多少钱"])[0]
    right, wrong = static.encode_passages(["逾期未交付电费的，每日加收违约金", "小学生晚上几点交作业"])

    assert query @ right > query @ wrong


def test_shipped_file_is_the_one_described() -> None:
    """The card's checksum and size are those of the file, and the file is small."""
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    raw = (SHIPPED / "vectors.npy").read_bytes()

    assert config["sha256"] == hashlib.sha256(raw).hexdigest()
    assert len(raw) <= 16_000_000


@pytest.mark.parametrize("broken", ["missing", "garbage", "short"])
def test_broken_file_names_remedy(tmp_path: Path, broken: str) -> None:
    """A missing, damaged or foreign file is a sentence with a remedy, not a traceback."""
    folder = tmp_path / "static"
    shutil.copytree(SHIPPED, folder)
    path = folder / "vectors.npy"
    if broken == "missing":
        path.unlink()
    elif broken == "garbage":
        path.write_bytes(b"not numpy")
    else:
        np.save(path, np.zeros((3, 256), np.float16))

    with pytest.raises(NotReady) as error:
        StaticEncoder(folder)

    assert error.value.remedy
