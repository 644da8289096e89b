"""Text to unit vectors: the shipped int8 model by default, a larger sentence-transformers one when set.

The rest of retrieval and the tests' fake encoder see only the `Encoder` protocol.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from bot.errors import NotReady

Vectors = npt.NDArray[np.float32]
SHIPPED = Path(__file__).resolve().parents[2] / "models" / "encoder-e5-small-zh-int8"
QUERY_TOKENS = 128
PASSAGE_TOKENS = 256
BATCH = 16


class Encoder(Protocol):
    """What retrieval needs of a model. Rows are unit vectors; `fingerprint` changes whenever vectors would."""

    @property
    def dim(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def encode_queries(self, texts: list[str]) -> Vectors: ...

    def encode_passages(self, texts: list[str]) -> Vectors: ...


class OnnxEncoder:
    """The shipped encoder: e5-small in int8, without torch.

    Example:
        >>> OnnxEncoder().encode_queries(["欠费多久停电"]).shape
        (1, 384)
    """

    def __init__(self, folder: Path = SHIPPED, threads: int = 1) -> None:
        """Load the model; `threads` is for one call, 1 leaves the other cores to other requests."""
        for name in ("config.json", "model.onnx", "tokenizer.json"):
            if not (folder / name).is_file():
                raise NotReady(
                    f"编码模型缺少 {folder / name}。", "重新取出 models/，或运行 anxun train encoder。"
                )
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._pad = int(config["pad_id"])
            self._prefixes = (str(config["query_prefix"]), str(config["passage_prefix"]))
            self._dim = int(config["dim"])
            self._fingerprint = f"{config['name']}:{config['sha256']['model.onnx'][:16]}"
        except (
            Exception
        ) as error:  # json, onnxruntime and tokenizers raise their own kinds for a damaged file
            raise NotReady(f"编码模型读不出来：{folder}。", "文件可能损坏，重新取出 models/。") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def encode_queries(self, texts: list[str]) -> Vectors:
        return self._encode(self._prefixes[0], texts, QUERY_TOKENS)

    def encode_passages(self, texts: list[str]) -> Vectors:
        return self._encode(self._prefixes[1], texts, PASSAGE_TOKENS)

    def _encode(self, prefix: str, texts: list[str], max_tokens: int) -> Vectors:
        """Unit rows in the order given; batches hold texts of like length, so that little is padded."""
        # Cut by hand, not by the tokenizer's own setting: that would be shared between threads.
        encodings = self._tokenizer.encode_batch([prefix + text[: max_tokens * 4] for text in texts])
        tokens = [
            e.ids if len(e.ids) <= max_tokens else [*e.ids[: max_tokens - 1], e.ids[-1]] for e in encodings
        ]
        order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
        rows = np.zeros((len(texts), self._dim), np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows[batch] = self._run([tokens[i] for i in batch])
        return rows

    def _run(self, ids: list[list[int]]) -> Vectors:
        width = max(map(len, ids))
        tokens = np.full((len(ids), width), self._pad, np.int64)
        mask = np.zeros((len(ids), width), np.int64)
        for row, values in enumerate(ids):
            tokens[row, : len(values)] = values
            mask[row, : len(values)] = 1
        output = self._session.run(None, {"input_ids": tokens, "attention_mask": mask})[0]
        return cast(Vectors, np.asarray(output, np.float32))


class SentenceTransformerEncoder:
    """Any sentence-transformers model on this machine; nothing is ever downloaded.

    Models of the e5 family get their prefixes; others are used as they are, with their own prompts if they have any.
    """

    def __init__(self, name_or_path: str) -> None:
        if importlib.util.find_spec("sentence_transformers") is None:
            raise NotReady(
                "设了 ANXUN_ENCODER，但没有安装 sentence-transformers。",
                "运行 pip install sentence-transformers，或去掉 ANXUN_ENCODER 用自带的小模型。",
            )
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
        from sentence_transformers import SentenceTransformer

        try:
            self._model: Any = SentenceTransformer(name_or_path, device="cpu", local_files_only=True)
        except Exception as error:  # a missing folder, a broken one and an unknown name all raise differently
            raise NotReady(
                f"读不到编码模型 {name_or_path}。",
                "把 ANXUN_ENCODER 改成本机上模型文件夹的路径；安训不联网下载模型。",
            ) from error
        e5 = "e5" in Path(name_or_path).name.lower()
        self._prefixes = ("query: ", "passage: ") if e5 else ("", "")
        probe = self._rows(["安训"], "")
        self._dim = int(probe.shape[1])
        digest = hashlib.sha256(np.round(probe, 3).tobytes()).hexdigest()[:16]
        self._fingerprint = f"st:{Path(name_or_path).name}:{self._dim}:{digest}"

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def encode_queries(self, texts: list[str]) -> Vectors:
        return self._rows(texts, self._prefixes[0])

    def encode_passages(self, texts: list[str]) -> Vectors:
        return self._rows(texts, self._prefixes[1])

    def _rows(self, texts: list[str], prefix: str) -> Vectors:
        if not texts:
            return np.zeros((0, getattr(self, "_dim", 1)), np.float32)
        rows = self._model.encode(
            [prefix + text for text in texts], normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(rows, np.float32)


def open_encoder(name_or_path: str = "", threads: int = 1) -> Encoder:
    """The shipped encoder for "", otherwise the model so named (the setting ANXUN_ENCODER)."""
    return SentenceTransformerEncoder(name_or_path) if name_or_path else OnnxEncoder(threads=threads)
