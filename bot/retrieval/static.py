"""The small second encoder: a text is the mean of its pieces' learned vectors. No network to run, well under a millisecond.

It errs in other places than the transformer, so both together rank better than either; and it is the only one fast
enough for a corpus of many thousand documents on two cores. Its pieces are those of the shipped transformer's tokenizer.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from bot.errors import NotReady
from bot.retrieval.encoder import SHIPPED as TRANSFORMER
from bot.retrieval.encoder import Vectors

SHIPPED = TRANSFORMER.parent / "encoder-static-zh"
SPECIAL_PIECES = 4
MAX_PIECES = 256


class StaticEncoder:
    """Unit rows; a text without a known piece gets the vector of the unknown one.

    Example:
        >>> StaticEncoder().encode_queries(["欠费多久停电"]).shape
        (1, 256)
    """

    def __init__(self, folder: Path = SHIPPED, tokenizer: Path = TRANSFORMER / "tokenizer.json") -> None:
        for path in (folder / "config.json", folder / "vectors.npy", tokenizer):
            if not path.is_file():
                raise NotReady(f"编码模型缺少 {path}。", "重新取出 models/，或运行 anxun train encoder。")
        from tokenizers import Tokenizer

        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._rows = np.load(folder / "vectors.npy", allow_pickle=False).astype(np.float32)
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._fingerprint = f"{config['name']}:{config['sha256'][:16]}"
        except Exception as error:  # numpy, json and tokenizers raise their own kinds for a damaged file
            raise NotReady(f"编码模型读不出来：{folder}。", "文件可能损坏，重新取出 models/。") from error
        if len(self._rows) != self._tokenizer.get_vocab_size():
            raise NotReady(f"{folder} 与分词器不是同一版。", "重新取出 models/，或运行 anxun train encoder。")
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @property
    def dim(self) -> int:
        return int(self._rows.shape[1])

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def encode_queries(self, texts: list[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: list[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for number, pieces in enumerate(pieces_of(self._tokenizer, texts)):
            rows[number] = self._rows[pieces].mean(0)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(norms, 1e-9), np.float32)


def pieces_of(tokenizer: object, texts: list[str]) -> list[list[int]]:
    """The pieces of each text without the special ones; never empty. Half characters, which no encoding knows, go."""
    whole = [t[: MAX_PIECES * 4].encode("utf-8", "ignore").decode() for t in texts]
    encoded = tokenizer.encode_batch(whole, add_special_tokens=False)  # type: ignore[attr-defined]
    return [[i for i in e.ids if i >= SPECIAL_PIECES][:MAX_PIECES] or [SPECIAL_PIECES - 1] for e in encoded]
