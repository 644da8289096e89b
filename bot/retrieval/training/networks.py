"""The networks that are trained: the encoder with its two ways of comparing texts, and the teacher that reads both at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

PREFIXES = ("query: ", "passage: ")
LATE_DIM = 32
PAD = 1


class TokenTable:
    """Texts as rows of token ids, cut to `length`, padded to the longest of what is asked for."""

    def __init__(self, tokenizer: Any, texts: Sequence[str], prefix: str, length: int, device: str) -> None:
        self.device = device
        encoded = tokenizer(
            [prefix + text[: length * 4] for text in texts], truncation=True, max_length=length
        )
        found = encoded["input_ids"]
        self.lengths: npt.NDArray[np.int64] = np.array([len(ids) for ids in found], np.int64)
        self.ids = np.full((len(found), length), PAD, np.int32)
        for row, ids in enumerate(found):
            self.ids[row, : len(ids)] = ids

    def batch(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """(ids, mask) [len(rows), longest]."""
        chosen = np.asarray(rows, np.int64)
        width = int(self.lengths[chosen].max())
        ids = torch.from_numpy(self.ids[chosen, :width].astype(np.int64)).to(self.device)
        lengths = torch.from_numpy(self.lengths[chosen]).to(self.device)
        return ids, torch.arange(width, device=self.device)[None, :] < lengths[:, None]

    def joined(
        self, rows: Sequence[int], other: TokenTable, other_rows: Sequence[int]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(ids, mask) of pairs: a row of this table, then one of `other` without its beginning-of-text token."""
        left, right = np.asarray(rows, np.int64), np.asarray(other_rows, np.int64)
        lengths = self.lengths[left] + other.lengths[right] - 1
        ids = np.full((len(left), int(lengths.max())), PAD, np.int64)
        for place, (a, b) in enumerate(zip(left, right, strict=True)):
            first = self.lengths[a]
            ids[place, :first] = self.ids[a, :first]
            ids[place, first : lengths[place]] = other.ids[b, 1 : other.lengths[b]]
        mask = np.arange(ids.shape[1])[None, :] < lengths[:, None]
        return torch.from_numpy(ids).to(self.device), torch.from_numpy(mask).to(self.device)


class TwoWays(torch.nn.Module):
    """One reading of a text, compared in two ways: as one vector, and late, token by token (ColBERT's MaxSim).

    For late comparison a passage's neighbouring tokens are averaged in twos, which halves what has to be stored.
    """

    def __init__(self, bert: Any, prefix_tokens: int) -> None:
        """`prefix_tokens`: how many tokens at a text's beginning are the same for all and say nothing."""
        super().__init__()
        self.bert = bert
        self.late = torch.nn.Linear(bert.config.hidden_size, LATE_DIM, bias=False)
        self.prefix_tokens = prefix_tokens

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(unit rows [n, hidden], token vectors [n, tokens, LATE_DIM], not yet normalised)."""
        states = self.bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()
        weights = mask.unsqueeze(-1).float()
        pooled = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(pooled, dim=-1), self.late(states)

    def query_tokens(self, tokens: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(unit token vectors, which count)."""
        kept = mask.clone()
        kept[:, : self.prefix_tokens] = False
        return torch.nn.functional.normalize(tokens, dim=-1), kept

    def passage_tokens(self, tokens: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The same for a passage, neighbours in twos."""
        tokens, mask = tokens[:, self.prefix_tokens :], mask[:, self.prefix_tokens :]
        if tokens.shape[1] % 2:
            tokens = torch.nn.functional.pad(tokens, (0, 0, 0, 1))
            mask = torch.nn.functional.pad(mask, (0, 1))
        weights = mask.unsqueeze(-1).float().reshape(len(mask), -1, 2, 1)
        total = weights.sum(2)
        twos = (tokens.reshape(len(tokens), -1, 2, LATE_DIM) * weights).sum(2) / total.clamp(min=1.0)
        return torch.nn.functional.normalize(twos, dim=-1), total.squeeze(-1) > 0


def late_scores(
    query: tuple[torch.Tensor, torch.Tensor], passages: tuple[torch.Tensor, torch.Tensor]
) -> torch.Tensor:
    """[queries, passages]: the mean over a query's tokens of each one's best cosine in the passage."""
    asked, counts = query
    given, there = passages
    cosine = torch.einsum("qtd,psd->qpts", asked, given)
    cosine = cosine.masked_fill(~there[None, :, None, :], -1.0)
    best = cosine.amax(-1) * counts[:, None, :]
    return best.sum(-1) / counts.sum(-1).clamp(min=1)[:, None]


class Teacher(torch.nn.Module):
    """Reads question and passage as one text and says how well they fit: too slow to ship, good to learn from."""

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert
        self.fit = torch.nn.Linear(bert.config.hidden_size, 1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = self.bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()
        weights = mask.unsqueeze(-1).float()
        return torch.as_tensor(self.fit((states * weights).sum(1) / weights.sum(1)).squeeze(-1))
