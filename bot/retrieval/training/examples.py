"""What the encoder learns from: questions, the texts that answer them, and texts that only look as if they did.

Three sources: lay legal questions with their articles and the written answers to them (STARD, in `../shared/train`), and
the questions of our own cards. Nothing below an `eval` folder is ever opened.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.content.loader import Knowledge
from bot.content.models import Faq, RegulationCard
from bot.errors import BadInput
from bot.retrieval.lexical import Lexical
from bot.retrieval.tokens import bigrams

HARD_FROM = 60
"""Hard negatives are drawn from this many best BM25 hits that are not right."""
ANSWER_CHARS = 120
_GREETING = re.compile(r"^您好[，,。！]?\s*")


@dataclass(frozen=True)
class Example:
    """`texts` answer `query`, any of them; `group` names what they are about: texts of one group are never negatives
    of each other. `hard` are (group, text) that look alike and do not answer.
    """

    query: str
    texts: tuple[str, ...]
    group: str
    right: frozenset[str]
    hard: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Corpus:
    """Articles: with their law's name as they are indexed, bare, and the law and chapter they stand under. `twins` are all rows of one wording: they answer the same questions."""

    row_of: dict[str, int]
    texts: list[str]
    bodies: list[str]
    heads: list[str]
    newest: list[bool]
    wording: list[str]
    twins: dict[str, list[int]] = field(repr=False)


def read_corpus(path: Path) -> Corpus:
    """The statutes of `path` (JSON lines, gzipped); raises BadInput when it is missing."""
    _need(path)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
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


def of_statutes(questions: Path, corpus: Corpus) -> tuple[list[Example], list[Example]]:
    """(questions with their articles, written answers with the same articles) of a STARD file."""
    _need(questions)
    lexical = Lexical([bigrams(text) for text in corpus.texts])
    asked: list[Example] = []
    answered: list[Example] = []
    for line in questions.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        golds = [corpus.row_of[gold] for gold in row["gold_ids"] if gold in corpus.row_of]
        right = frozenset(corpus.wording[gold] for gold in golds)
        order = np.argsort(-lexical.scores(bigrams(row["query"])), kind="stable")[: HARD_FROM + 20]
        hard = tuple((corpus.wording[i], corpus.texts[i]) for i in order if corpus.wording[i] not in right)
        for gold in golds:
            text = corpus.texts[_newest_twin(corpus, gold)]
            made = Example(row["query"], (text,), corpus.wording[gold], right, hard[:HARD_FROM])
            asked.append(made)
            answer = row.get("answer")
            if isinstance(answer, str) and len(answer) > ANSWER_CHARS // 6:
                words = _GREETING.sub("", answer)[:ANSWER_CHARS]
                answered.append(Example(words, (text,), made.group, right, made.hard))
    return asked, answered


def of_cards(knowledge: Knowledge) -> list[Example]:
    """Every question of every card and FAQ, with the passages that are indexed for it, its own wording left out.

    Hard are the items of other clauses that share most words with it.
    """
    items: list[RegulationCard | Faq] = [*knowledge.cards.values(), *knowledge.faqs.values()]
    heads = [f"{_title(item)}。{_body(item)}" for item in items]
    lexical = Lexical(
        [bigrams("\n".join((head, *i.questions))) for head, i in zip(heads, items, strict=True)]
    )
    found: list[Example] = []
    for number, item in enumerate(items):
        clauses = _clauses(item)
        near = np.argsort(-lexical.scores(bigrams(heads[number])), kind="stable")[: HARD_FROM // 2]
        hard = tuple(
            (items[i].id, heads[i]) for i in near if i != number and not clauses & _clauses(items[i])
        )
        for question in item.questions:
            others = tuple(f"{_title(item)}。{q}" for q in item.questions if q != question)
            texts = (heads[number], *others)
            found.append(Example(question, texts, item.id, frozenset([item.id]), hard))
    return found


def forever(examples: Sequence[Example], chance: random.Random) -> Iterator[Example]:
    """The examples in a new order each time round."""
    while True:
        order = list(examples)
        chance.shuffle(order)
        yield from order


def _title(item: RegulationCard | Faq) -> str:
    return item.question if isinstance(item, Faq) else item.title


def _body(item: RegulationCard | Faq) -> str:
    return item.answer if isinstance(item, Faq) else item.summary


def _clauses(item: RegulationCard | Faq) -> frozenset[tuple[str, int | str]]:
    return frozenset() if isinstance(item, Faq) else frozenset((item.law, key) for key in item.articles)


def _short(row: dict[str, str]) -> str:
    return row["law"].removeprefix("中华人民共和国")


def _newest_twin(corpus: Corpus, row: int) -> int:
    return next((i for i in corpus.twins[corpus.wording[row]] if corpus.newest[i]), row)


def _need(path: Path) -> None:
    if not path.is_file():
        raise BadInput(f"找不到 {path}。", "用 --shared 指到放 corpora/ 和 train/ 的文件夹。")
