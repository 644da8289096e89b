"""What the encoders learn from: questions, the texts that answer them, and texts that only look as if they did.

Lay legal questions with their articles and the written answers to them (STARD, in `../shared/train`), questions of our own
to further articles (`models/training/statute_questions.jsonl`), the questions of our own cards, and pairs of texts that
stand together in the corpora. Nothing below an `eval` folder is ever opened.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.errors import BadInput
from bot.retrieval.lexical import Lexical
from bot.retrieval.tokens import bigrams
from bot.retrieval.training.material import Material, Question

HARD = 60
"""Hard negatives are drawn from this many best BM25 hits that are not right."""
ANSWER_CHARS = 120
SHORTEST = 25
"""Articles of fewer characters say too little to be cut in half."""
_GREETING = re.compile(r"^您好[，,。！]?\s*")


@dataclass(frozen=True)
class Corpus:
    """Articles: with their law's name as they are indexed, bare, and the law and chapter they stand under. `twins` are
    all rows of one wording: they answer the same questions."""

    row_of: dict[str, int]
    texts: list[str]
    bodies: list[str]
    heads: list[str]
    newest: list[bool]
    wording: list[str]
    twins: dict[str, list[int]] = field(repr=False)


def read_corpus(*paths: Path) -> Corpus:
    """The articles of `paths` (JSON lines, gzipped); raises BadInput when one is missing."""
    rows = []
    for path in paths:
        _need(path)
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines]
    wording = [re.sub(r"\W", "", row["text"]) for row in rows]
    twins: dict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(wording):
        twins[words].append(number)
    return Corpus(
        {row["id"]: number for number, row in enumerate(rows)},
        [f"{_short(row)} {row['text']}" for row in rows],
        [row["text"] for row in rows],
        [f"{_short(row)} {str(row.get('chapter') or '').split('/')[-1].strip()}".strip() for row in rows],
        [bool(row.get("latest")) for row in rows],
        wording,
        dict(twins),
    )


class Gathering:
    """Fills a `Material`: texts once each, questions source by source."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._groups: list[int] = []
        self._numbers: dict[str, int] = {}
        self._questions: dict[str, list[Question]] = defaultdict(list)
        self._pairs: list[tuple[str, str]] = []

    def material(self) -> Material:
        return Material(list(self._texts), self._groups, dict(self._questions), self._pairs)

    def add_statutes(self, corpus: Corpus, stard: Path, written: Path) -> None:
        """STARD's questions (`statutes`), its written answers (`answers`) and our own questions (`written`)."""
        _need(stard)
        _need(written)
        lexical = Lexical([bigrams(text) for text in corpus.texts])
        self.add_texts((corpus.texts[_newest(corpus, rows)], words) for words, rows in corpus.twins.items())
        for line in stard.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            golds = [corpus.row_of[gold] for gold in row["gold_ids"] if gold in corpus.row_of]
            self._ask_statutes("statutes", row["query"], golds, corpus, lexical)
            answer = row.get("answer")
            if isinstance(answer, str) and len(answer) > ANSWER_CHARS // 6:
                words = _GREETING.sub("", answer)[:ANSWER_CHARS]
                self._ask_statutes("answers", words, golds, corpus, lexical)
        for line in written.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["id"] in corpus.row_of:
                self._ask_statutes("written", row["q"], [corpus.row_of[row["id"]]], corpus, lexical)

    def _ask_statutes(
        self, source: str, text: str, golds: list[int], corpus: Corpus, lexical: Lexical
    ) -> None:
        right = {corpus.wording[gold] for gold in golds}
        order = np.argsort(-lexical.scores(bigrams(text)), kind="stable")[: HARD + 20]
        hard = dict.fromkeys(
            self._row(corpus, corpus.wording[i]) for i in order if corpus.wording[i] not in right
        )
        groups = frozenset(self._number(words) for words in right)
        self._questions[source] += [
            Question(text, (self._row(corpus, corpus.wording[gold]),), groups, tuple(hard)[:HARD])
            for gold in golds
        ]

    def add_cards(self, items: Iterable[CardLike]) -> None:
        """Every question of every item (`cards`), with its head and its other questions, its own wording left out.

        Hard are the heads of items of other clauses that share most words with it.
        """
        held = list(items)
        heads = [f"{item.title}。{item.body}" for item in held]
        self.add_texts((head, item.id) for head, item in zip(heads, held, strict=True))
        self.add_texts((f"{item.title}。{q}", item.id) for item in held for q in item.questions)
        lexical = Lexical([bigrams("\n".join((h, *i.questions))) for h, i in zip(heads, held, strict=True)])
        for head, item in zip(heads, held, strict=True):
            near = np.argsort(-lexical.scores(bigrams(head)), kind="stable")[: HARD // 2]
            hard = tuple(
                self._texts[heads[i]]
                for i in near
                if held[i].id != item.id and not item.clauses & held[i].clauses
            )
            right = frozenset(self._number(o.id) for o in held if o.id == item.id or item.clauses & o.clauses)
            ways = [self._texts[f"{item.title}。{q}"] for q in item.questions]
            for question, own in zip(item.questions, ways, strict=True):
                answers = (self._texts[head], *(row for row in ways if row != own))
                self._questions["cards"].append(Question(question, answers, right, hard))

    def add_pairs(self, corpus: Corpus) -> None:
        """(first half, second half) and (law and chapter, article) of every article in its newest version."""
        seen: set[str] = set()
        for body, head, newest, words in zip(
            corpus.bodies, corpus.heads, corpus.newest, corpus.wording, strict=True
        ):
            if not newest or len(body) <= SHORTEST or words in seen:
                continue
            seen.add(words)
            third = len(body) // 3
            cut = body.find("。", third)
            cut = cut if third <= cut < 2 * third else len(body) // 2
            self._pairs += [(head, body), (body[:cut], body[cut:])]

    def add_texts(self, texts: Iterable[tuple[str, str]]) -> None:
        for text, group in texts:
            if text not in self._texts:
                self._texts[text] = len(self._texts)
                self._groups.append(self._number(group))

    def _row(self, corpus: Corpus, words: str) -> int:
        return self._texts[corpus.texts[_newest(corpus, corpus.twins[words])]]

    def _number(self, group: str) -> int:
        return self._numbers.setdefault(group, len(self._numbers))


@dataclass(frozen=True)
class CardLike:
    """What training needs of a card or an answer of ours."""

    id: str
    title: str
    body: str
    questions: tuple[str, ...]
    clauses: frozenset[tuple[str, int | str]]


def _short(row: dict[str, str]) -> str:
    return str(row["law"]).removeprefix("中华人民共和国")


def _newest(corpus: Corpus, rows: list[int]) -> int:
    return next((i for i in rows if corpus.newest[i]), rows[0])


def _need(path: Path) -> None:
    if not path.is_file():
        raise BadInput(f"找不到 {path}。", "用 --shared 指到放 corpora/ 和 train/ 的文件夹。")
