"""The learned half of the judge: a small network that has read how experienced trainers mark replies.

It gives one value per token and label; their mean over the reply is what it heard, their mean over one clause is the
evidence. Called by `bot.tone.reading`; trained by `anxun train tone`. Needs neither torch nor a GPU.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import NotReady
from bot.judgement import MOVES, REDLINES
from bot.tone.text import view

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "tone"
FILES = ("config.json", "model.onnx", "tokenizer.json")
LABELS = ("band", *(f"red:{code}" for code in REDLINES), *(f"move:{move}" for move in MOVES))
CONTEXT_TOKENS = 56
REPLY_TOKENS = 160
NOT_AT_ALL = -50.0

Values = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Heard:
    """What the network heard in one text.

    `band` is about -1 (worst) to 1 (best); `redlines` and `moves` are probabilities. `spans[i]` is the stretch of the
    text that row i of `values` [tokens, labels] belongs to.
    """

    band: float
    redlines: Mapping[str, float]
    moves: Mapping[str, float]
    spans: tuple[tuple[int, int], ...]
    values: Values

    @property
    def any_redline(self) -> float:
        """How likely it is that some red line is crossed, each code taken as independent."""
        return 1 - prod(1 - likely for likely in self.redlines.values())

    def share(self, label: str, start: int, end: int) -> float:
        """The mean value of a label between two offsets; -50 where no token lies."""
        column = LABELS.index(label)
        inside = [
            self.values[row, column]
            for row, (a, b) in enumerate(self.spans)
            if a < end and start < b and a < b
        ]
        return float(np.mean(inside)) if inside else NOT_AT_ALL

    def strongest(self, label: str, stretches: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Which of the stretches speaks most for a label."""
        return max(stretches, key=lambda stretch: self.share(label, *stretch))


def context(customer: str, facts: Mapping[str, object]) -> str:
    """What stands before the reply: the facts that decide about lawful notice, then the customer's words."""
    told = []
    for name, words in (("overdue_days", "逾期{}天"), ("notices", "通知{}次")):
        known = facts.get(name)
        if isinstance(known, int | float) and not isinstance(known, bool):
            told.append(words.format(int(known)))
    if isinstance(facts.get("approved"), bool):
        told.append("停电已批" if facts["approved"] else "停电未批")
    told += [
        words
        for name, value, words in (
            ("life_support", True, "用呼吸机"),
            ("billing_mode", "prepaid", "预付费"),
            ("third_party", True, "不是户主"),
        )
        if facts.get(name) == value
    ]
    before = "，".join(told) + "。" if told else ""
    return before + view(customer).norm[:80]


class Listener:
    """The shipped network; loads in about a third of a second, one thread.

    Example:
        >>> Listener().hear("怎么这么多？", "您自己用的，问我干嘛。").band < 0
        True
    """

    def __init__(self, folder: Path = SHIPPED) -> None:
        for name in FILES:
            if not (folder / name).is_file():
                raise NotReady(
                    f"语气模型缺少 {folder / name}。", "重新取出 models/，或运行 anxun train tone。"
                )
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except (
            Exception
        ) as error:  # onnxruntime, json and tokenizers raise their own kinds for a damaged file
            raise NotReady(f"语气模型读不出来：{folder}。", "文件可能损坏，重新取出 models/。") from error
        if tuple(config["labels"]) != LABELS:
            raise NotReady(f"{folder} 里的模型认的不是这一版的动作和红线。", "运行 anxun train tone。")
        self.crossed: float = config["crossed"]
        """From which probability on that any line is crossed one counts as crossed."""
        self.trusted: frozenset[str] = frozenset(config["trusted"])
        """The rules' ways, `code/id`, that need no second opinion: they were right on nearly all the marked replies."""
        self.cuts: tuple[float, ...] = tuple(config["cuts"])
        """Where the bands 2, 3, 4 and 5 begin, in joint points."""
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def hear(self, before: str, reply: str) -> Heard:
        """What is heard in a reply to a `context`.

        One reply a run: the scale of int8 activations is taken over a whole batch, so that in a batch what is heard
        in one reply would depend on its neighbours.
        """
        head = self._tokenizer.encode(before).ids[:CONTEXT_TOKENS]
        encoded = self._tokenizer.encode(reply[: REPLY_TOKENS * 3])
        body = encoded.ids[1:][:REPLY_TOKENS]
        ids = np.array([head + body], np.int64)
        found = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
        return _heard(found[0, len(head) :], encoded.offsets[1:][:REPLY_TOKENS])


def _heard(values: Values, spans: Sequence[tuple[int, int]]) -> Heard:
    whole = values.mean(axis=0)
    likely = 1 / (1 + np.exp(-whole[1:]))
    codes = len(REDLINES)
    return Heard(
        float(whole[0]),
        {code: float(p) for code, p in zip(REDLINES, likely[:codes], strict=True)},
        {move: float(p) for move, p in zip(MOVES, likely[codes:], strict=True)},
        tuple(spans),
        values,
    )
