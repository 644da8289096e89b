"""The shipped encoder keeps what the float model knows; whatever is missing is said with a remedy."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.errors import NotReady
from bot.retrieval.encoder import SHIPPED, OnnxEncoder, SentenceTransformerEncoder


def test_shipped_matches_float(encoder: OnnxEncoder) -> None:
    """Every reference sentence comes within cosine .97 of the full-precision sentence-transformers model."""
    reference = json.loads((SHIPPED / "reference.json").read_text(encoding="utf-8"))
    rows = encoder.encode_queries(reference["sentences"])
    cosines = (rows * np.array(reference["vectors"], np.float32)).sum(1)

    assert len(cosines) == 20
    assert cosines.min() >= 0.97


def test_rows_are_unit(encoder: OnnxEncoder) -> None:
    """Rows have length one, so an inner product is a cosine; no text gives no rows."""
    rows = encoder.encode_passages(["客户欠费多久可以停电", "", "😀", "啊" * 20_000, "<b>停电</b>"])

    assert (5, encoder.dim) == rows.shape
    assert np.allclose(1, np.linalg.norm(rows, axis=1), atol=1e-3)
    assert (0, encoder.dim) == encoder.encode_queries([]).shape


def test_batch_keeps_order(encoder: OnnxEncoder) -> None:
    """A text's vector does not depend on its neighbours, though batches are sorted by length."""
    texts = ["停电", "客户投诉抄表员态度不好，要求道歉并且赔偿损失，该怎么处理", "验表", "欠费三天能拉闸吗"]
    together = encoder.encode_queries(texts)
    alone = np.vstack([encoder.encode_queries([text]) for text in texts])

    cosines = together @ alone.T
    assert [0, 1, 2, 3] == cosines.argmax(1).tolist()
    assert cosines.diagonal().min() > 0.96  # eight-bit activations are scaled by batch


def test_meaning_beats_spelling(encoder: OnnxEncoder) -> None:
    """A spoken question lies nearer to its rule than to a sentence that shares its words."""
    query = encoder.encode_queries(["晚交电费一天加多少钱"])[0]
    right, wrong = encoder.encode_passages(["逾期未交付电费的，每日加收违约金", "小学生晚上几点交作业"])

    assert query @ right > query @ wrong


def test_missing_model_names_remedy(tmp_path: Path) -> None:
    """A folder without the model is not a traceback but a sentence."""
    with pytest.raises(NotReady, match=r"config\.json") as error:
        OnnxEncoder(tmp_path)

    assert error.value.remedy


def test_damaged_model_is_refused(tmp_path: Path) -> None:
    """A truncated model file is named as damaged."""
    folder = shutil.copytree(SHIPPED, tmp_path / "model")
    (folder / "model.onnx").write_bytes(b"not a model")

    with pytest.raises(NotReady, match="读不出来"):
        OnnxEncoder(folder)


def test_missing_larger_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ANXUN_ENCODER pointing nowhere, or sentence-transformers not installed, is said with a remedy; nothing is fetched."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(NotReady, match="sentence-transformers") as error:
        SentenceTransformerEncoder(str(tmp_path / "没有"))

    assert "ANXUN_ENCODER" in error.value.remedy


def test_import_opens_nothing() -> None:
    """Importing the encoder loads neither onnxruntime nor torch."""
    code = "import sys, bot.retrieval.encoder; print([m for m in ('onnxruntime', 'torch', 'tokenizers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_shipped_files_match_card() -> None:
    """The checksums in config and model card are those of the files, so the fingerprint can be believed."""
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for name, digest in config["sha256"].items():
        assert digest == hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest()
        assert digest in card
