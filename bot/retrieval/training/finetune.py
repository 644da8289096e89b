"""Trains the encoder in stages: each question must lie nearer to a text that answers it than to every other of its batch.

1. `questions`: in-batch negatives and BM25's hard ones (InfoNCE over scaled cosines).
2. `teacher`: a network that reads question and text at once learns to tell right texts from those the encoder mistakes
   for them.
3. `distil`: as 1, with the encoder's own mistakes as hard negatives and the teacher's opinion of them (KL).

An accelerator is used where torch finds one; the seed decides everything else.
"""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from bot.retrieval.training.material import Material, Question
from bot.retrieval.training.networks import PREFIXES, Teacher, TokenTable, TwoWays, late_scores

Report = Callable[[int, int, Mapping[str, float]], None]
"""Called with (steps done, steps in all, mean recent loss of each source)."""


@dataclass(frozen=True)
class Stage:
    """`hard` negatives a question; `mixture` is how often each source gives a batch."""

    steps: int
    batch: int
    learning_rate: float
    hard: int
    mixture: tuple[tuple[str, int], ...]


MIXTURE = (("statutes", 2), ("written", 5), ("answers", 1), ("cards", 4))


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result besides material and base.

    `scale` sharpens cosines, `margin` frees texts that score that much above the right one from being negatives.
    """

    questions: Stage = Stage(500, 192, 6e-5, 3, MIXTURE)
    teacher: Stage = Stage(450, 64, 6e-5, 11, MIXTURE)
    distil: Stage = Stage(450, 160, 4e-5, 5, MIXTURE)
    scale: float = 40.0
    margin: float = 0.1
    question_tokens: int = 64
    text_tokens: int = 128
    mined: int = 60
    seed: int = 7

    def small(self) -> Recipe:
        """What two cores can do in an hour: no teacher, small batches."""
        return replace(
            self,
            questions=replace(self.questions, steps=900, batch=24, hard=1, learning_rate=5e-5),
            teacher=replace(self.teacher, steps=0),
            distil=replace(self.distil, steps=0),
            text_tokens=96,
        )

    def steps(self) -> int:
        return sum(s.steps for s in (self.questions, self.teacher, self.distil))


@dataclass
class _Tables:
    """Token rows of everything, on the device."""

    texts: TokenTable
    asked: Mapping[str, TokenTable]
    groups: np.ndarray[Any, np.dtype[np.int64]] = field(repr=False)


class Trainer:
    """Holds one training's state; `run` changes the model it was given."""

    def __init__(self, bert: Any, tokenizer: Any, material: Material, recipe: Recipe, report: Report) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(recipe.seed)
        self.chance = random.Random(recipe.seed)  # noqa: S311  the seed is the point
        self.recipe, self.material, self._report = recipe, material, report
        prefix = len(tokenizer(PREFIXES[0])["input_ids"]) - 1
        self.model = TwoWays(bert, prefix).to(self.device).eval()  # no dropout: a small model and few steps
        self.questions = dict(material.questions)
        self._tokenizer = tokenizer
        self.tables = self._tokenise()
        self._done = 0

    def run(self) -> None:
        recipe = self.recipe
        self._train(
            "questions",
            recipe.questions,
            self.model,
            lambda name, n: self._loss(recipe.questions, name, n, None),
        )
        if recipe.teacher.steps:
            self.mine()
            teacher = self.train_teacher()
            self._train(
                "distil",
                recipe.distil,
                self.model,
                lambda name, n: self._loss(recipe.distil, name, n, teacher),
            )

    def train_teacher(self) -> Teacher:
        """A teacher begun from the encoder as it is now."""
        stage = self.recipe.teacher
        teacher = Teacher(copy.deepcopy(self.model.bert)).to(self.device).eval()
        self._train("teacher", stage, teacher, lambda name, n: self._teacher_loss(teacher, stage, name, n))
        return teacher

    def mine(self) -> None:
        """Replace every question's hard negatives by what the encoder now mistakes for its answer."""
        cards = {row for q in self.questions.get("cards", ()) for row in (*q.answers, *q.hard)}
        everything = np.arange(len(self.material.texts))
        ours = np.isin(everything, list(cards))
        for source in self.questions:
            self._mine_among(source, everything[ours if source == "cards" else ~ours])

    def _mine_among(self, source: str, rows: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        asked = self.questions[source]
        texts = self.encode(self.tables.texts, rows)
        queries = self.encode(self.tables.asked[source], np.arange(len(asked)))
        groups = self.tables.groups[rows]
        place = {int(row): n for n, row in enumerate(rows)}
        found = []
        for question, query in zip(asked, queries, strict=True):
            scores = texts @ query
            own = max(float(scores[place[row]]) for row in question.answers if row in place)
            values, best = (part.tolist() for part in scores.topk(min(self.recipe.mined + 40, len(rows))))
            hard = [
                int(rows[n])
                for n, score in zip(best, values, strict=True)
                if int(groups[n]) not in question.right and score <= own + self.recipe.margin
            ]
            found.append(replace(question, hard=tuple(hard[: self.recipe.mined])))
        self.questions[source] = found

    @torch.no_grad()
    def encode(self, table: TokenTable, rows: np.ndarray[Any, np.dtype[np.int64]]) -> torch.Tensor:
        """Unit rows in the order given."""
        order = np.argsort(table.lengths[rows], kind="stable")
        found = torch.zeros(len(rows), self.model.bert.config.hidden_size, device=self.device)
        size = 512 if self.device == "cuda" else 32
        for start in range(0, len(rows), size):
            part = order[start : start + size]
            ids, mask = table.batch(rows[part])
            with _half_precision(self.device):
                whole, _ = self.model(ids, mask)
            found[torch.from_numpy(part).to(self.device)] = whole.float()
        return found

    def _tokenise(self) -> _Tables:
        recipe, material = self.recipe, self.material
        longest, shortest = recipe.text_tokens, recipe.question_tokens

        def table(texts: Sequence[str], prefix: str, length: int) -> TokenTable:
            return TokenTable(self._tokenizer, texts, prefix, length, self.device)

        return _Tables(
            table(material.texts, PREFIXES[1], longest),
            {name: table([q.text for q in held], PREFIXES[0], shortest) for name, held in material.questions.items()},
            np.array(material.groups, np.int64),
        )  # fmt: skip

    def _train(
        self, name: str, stage: Stage, model: Any, loss_of: Callable[[str, list[int]], torch.Tensor]
    ) -> None:
        """Steps of AdamW with a short warm-up and a linear fall."""
        optimiser = torch.optim.AdamW(model.parameters(), lr=stage.learning_rate, weight_decay=0.01)
        sources = [source for source, share in stage.mixture for _ in range(share) if self._count(source)]
        streams = {source: self._forever(self._count(source)) for source in dict.fromkeys(sources)}
        losses: dict[str, list[float]] = {source: [] for source in streams}
        warm = max(1, stage.steps // 20)
        for step in range(stage.steps):
            for group in optimiser.param_groups:
                group["lr"] = (
                    stage.learning_rate * min(1.0, (step + 1) / warm) * max(0.03, 1 - step / stage.steps)
                )
            source = self.chance.choice(sources)
            loss = loss_of(
                source, [next(streams[source]) for _ in range(min(stage.batch, self._count(source)))]
            )
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            losses[source].append(float(loss.detach()))
            self._done += 1
            if (step + 1) % 25 == 0 or step + 1 == stage.steps:
                recent = {f"{name}/{k}": sum(v[-20:]) / len(v[-20:]) for k, v in losses.items() if v}
                self._report(self._done, self.recipe.steps(), recent)

    def _count(self, source: str) -> int:
        return len(self.questions.get(source, ()))

    def _forever(self, count: int) -> Iterator[int]:
        """Numbers below `count` in a new order each time round."""
        while True:
            order = list(range(count))
            self.chance.shuffle(order)
            yield from order

    def _read(
        self, table: TokenTable, rows: Sequence[int]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(unit rows, token vectors, mask)."""
        ids, mask = table.batch(rows)
        with _half_precision(self.device):
            whole, tokens = self.model(ids, mask)
        return whole.float(), tokens.float(), mask

    def _loss(self, stage: Stage, source: str, chosen: list[int], teacher: Teacher | None) -> torch.Tensor:
        """Cross-entropy of both ways of comparing; with a teacher also its opinion on each question's hard texts."""
        recipe = self.recipe
        held = [self.questions[source][n] for n in chosen]
        own, hard = self._texts_of(held, stage.hard)
        rows = [*own, *(row for part in hard for row in part)]
        asked, asked_tokens, asked_mask = self._read(self.tables.asked[source], chosen)
        given, given_tokens, given_mask = self._read(self.tables.texts, rows)
        cosine = asked @ given.T
        late = late_scores(
            self.model.query_tokens(asked_tokens, asked_mask),
            self.model.passage_tokens(given_tokens, given_mask),
        )
        banned = self._also_right(held, rows, cosine.detach())
        target = torch.arange(len(held), device=self.device)
        ways = (cosine * recipe.scale, late * recipe.scale, (cosine + late) / 2 * recipe.scale)
        loss = (
            sum(torch.nn.functional.cross_entropy(way.masked_fill(banned, -1e4), target) for way in ways) / 3
        )
        if teacher is None or not stage.hard:
            return torch.as_tensor(loss)
        return torch.as_tensor(loss) + self._opinion(teacher, source, chosen, own, hard, ways)

    def _opinion(
        self, teacher: Teacher, source: str, chosen: list[int], own: list[int], hard: list[list[int]],
        ways: Sequence[torch.Tensor],
    ) -> torch.Tensor:  # fmt: skip
        """KL divergence of each way's scores over a question's own texts from the teacher's."""
        each = len(hard[0])
        count = len(chosen)
        with torch.no_grad():
            opinion = self._fit(teacher, source, chosen, own, hard)
            wanted = torch.softmax(opinion, dim=1)
        columns = torch.cat(
            [torch.arange(count)[:, None], count + torch.arange(count * each).reshape(count, each)], 1
        ).to(self.device)
        parts = [
            torch.nn.functional.kl_div(
                torch.log_softmax(way.gather(1, columns), 1), wanted, reduction="batchmean"
            )
            for way in ways
        ]
        return torch.stack(parts).mean()

    def _teacher_loss(self, teacher: Teacher, stage: Stage, source: str, chosen: list[int]) -> torch.Tensor:
        held = [self.questions[source][n] for n in chosen]
        own, hard = self._texts_of(held, stage.hard)
        scores = self._fit(teacher, source, chosen, own, hard)
        return torch.nn.functional.cross_entropy(
            scores, torch.zeros(len(chosen), dtype=torch.long, device=self.device)
        )

    def _fit(
        self, teacher: Teacher, source: str, chosen: list[int], own: list[int], hard: list[list[int]]
    ) -> torch.Tensor:
        """[questions, 1 + hard]: the teacher's score of each question with its own text and its hard ones."""
        rows = [row for right, wrong in zip(own, hard, strict=True) for row in (right, *wrong)]
        each = 1 + len(hard[0])
        asked = [n for n in chosen for _ in range(each)]
        ids, mask = self.tables.asked[source].joined(asked, self.tables.texts, rows)
        with _half_precision(self.device):
            scores = teacher(ids, mask)
        return torch.as_tensor(scores).float().reshape(len(chosen), each)

    def _texts_of(self, held: Sequence[Question], hard: int) -> tuple[list[int], list[list[int]]]:
        """One text that answers each question, and `hard` that do not (any text where it has none of its own)."""
        anything = range(len(self.material.texts))
        own = [self.chance.choice(q.answers) for q in held]
        return own, [[self.chance.choice(q.hard or anything) for _ in range(hard)] for q in held]

    def _also_right(
        self, held: Sequence[Question], rows: Sequence[int], cosine: torch.Tensor
    ) -> torch.Tensor:
        """[questions, texts]: texts that answer too, or score suspiciously high; a question's own text is kept in."""
        groups = self.tables.groups[list(rows)]
        banned = np.stack([np.isin(groups, list(q.right)) for q in held])
        found = torch.from_numpy(banned).to(self.device)
        found |= cosine > cosine.diagonal()[:, None] + self.recipe.margin
        found[torch.arange(len(held)), torch.arange(len(held))] = False
        return found


def _half_precision(device: str) -> Any:
    """bfloat16 where the processor computes with it: twice as fast, the same figures within noise."""
    return torch.autocast(device, dtype=torch.bfloat16) if _has_bfloat16(device) else contextlib.nullcontext()


def _has_bfloat16(device: str) -> bool:
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
