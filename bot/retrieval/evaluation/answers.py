"""Measures answers from the knowledge base: are the cited clauses right, is the rest refused, is the confidence honest.

Called by `bot.evaluating` with two ways of asking: as the product answers, and without its refusal, so that also the
answers it kept back can be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

from bot.errors import BadInput
from bot.messages import AnswerBlock
from bot.retrieval.collection import Question, read_questions
from bot.retrieval.evaluation.clauses import Clause, clauses_of, holds
from bot.retrieval.evaluation.significance import Interval, interval
from bot.retrieval.vectors import Progress

Ask = Callable[[str], AnswerBlock]
BINS = 10
AMONG = 3


@dataclass(frozen=True)
class Asked:
    """A question with the clauses that answer it; none when nothing in the knowledge base should."""

    id: str
    text: str
    accept: tuple[Clause, ...]

    @property
    def answerable(self) -> bool:
        return bool(self.accept)


@dataclass(frozen=True)
class Miss:
    """`fault` is wrong (another clause first), refused or asked_back (though answerable), answered (though it is not)."""

    id: str
    question: str
    fault: str
    confidence: float
    accept: list[str]
    cited: list[str]


@dataclass(frozen=True)
class Bin:
    """Questions whose confidence fell between `low` and `high`: their mean confidence, and how many were right."""

    low: float
    high: float
    questions: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Outcomes:
    """How many questions came to each end. A choice is a question of our own: `asked_back_right` are those asked back
    one of whose choices is answered with a right clause."""

    right: int
    wrong: int
    asked_back_right: int
    asked_back_wrong: int
    declined: int


@dataclass(frozen=True)
class Point:
    """What would happen if everything at least this sure were answered: the share of questions, the share wrong."""

    confidence: float
    coverage: float
    risk: float


@dataclass(frozen=True)
class Report:
    """`right_first`, `right_among_three` and `answered` are shares of the answerable, `refused` of the others.

    An answer is right for the confidence's sake when a right clause is among its first three: that is the event whose
    chance the confidence states, so `brier`, `ece` and the risk rest on it, over all questions. `auc` is the chance
    that an answerable question gets more confidence than one that is not. None where there is nothing to measure.
    """

    answerable: int
    right_first: Interval | None
    right_among_three: Interval | None
    answered: Interval | None
    unanswerable: int
    refused: Interval | None
    auc: float | None
    brier: float
    ece: float
    bins: list[Bin]
    risk_coverage: list[Point]
    shipped: Point | None
    misses: list[Miss]
    outcomes: dict[str, Outcomes]


def read_asked(path: Path) -> list[Asked]:
    """Questions of {id, question, accept, answerable}; without `answerable`, those with accepted clauses are.

    Raises:
        BadInput: naming file and line; also when there is no question at all.
    """
    found = [_asked(question, path) for question in read_questions(path)]
    if not found:
        raise BadInput(f"{path} 里没有问题。", "每行写 {id, question, accept}。")
    return found


def evaluate_answers(
    questions: Sequence[Asked], ask: Ask, ask_unguarded: Ask, progress: Progress | None = None
) -> Report:
    """Ask every question twice and judge what comes back; `questions` holds at least one."""
    shown: list[AnswerBlock] = []
    kept_back: list[AnswerBlock] = []
    for number, question in enumerate(questions, 1):
        shown.append(ask(question.text))
        kept_back.append(ask_unguarded(question.text))
        if progress:
            progress(number, len(questions))
    first = [_right(block, q, 1) for block, q in zip(shown, questions, strict=True)]
    three = [_right(block, q, AMONG) for block, q in zip(shown, questions, strict=True)]
    known = [i for i, q in enumerate(questions) if q.answerable]
    unknown = [i for i, q in enumerate(questions) if not q.answerable]
    confidence = np.array([block.confidence for block in kept_back])
    would = np.array([_right(block, q, AMONG) for block, q in zip(kept_back, questions, strict=True)])
    bins = _bins(confidence, would)
    return Report(
        len(known),
        _share([first[i] for i in known]),
        _share([three[i] for i in known]),
        _share([shown[i].answered for i in known]),
        len(unknown),
        _share([not shown[i].answered for i in unknown]),
        float(roc_auc_score([q.answerable for q in questions], confidence)) if known and unknown else None,
        float(((confidence - would) ** 2).mean()),
        sum(b.questions * abs(b.confidence - b.right) for b in bins) / len(questions),
        bins,
        _risk_coverage(confidence, would),
        _shipped(shown, three),
        [m for q, b, right in zip(questions, shown, first, strict=True) if (m := _miss(q, b, right))],
        {
            "answerable": _outcomes([(questions[i], shown[i]) for i in known], ask),
            "unanswerable": _outcomes([(questions[i], shown[i]) for i in unknown], ask),
        },
    )


def _asked(question: Question, path: Path) -> Asked:
    row = question.row
    try:
        clauses = clauses_of(row)
    except ValueError:
        raise BadInput(
            f"{path} 第 {question.line} 行的 accept 看不懂。", '写成 ["电力法:32"] 或 [{law, article}]。'
        ) from None
    answerable = row.get("answerable")
    if answerable is None:
        answerable = bool(clauses) and not row.get("unanswerable")
    if not isinstance(answerable, bool):
        raise BadInput(f"{path} 第 {question.line} 行的 answerable 不是真假。", "写 true 或 false。")
    if answerable and not clauses:
        raise BadInput(f"{path} 第 {question.line} 行说答得了，却没有 accept。", "写上能答它的条款。")
    if not question.text:
        raise BadInput(f"{path} 第 {question.line} 行没有问题。", "写上 question。")
    return Asked(question.id, question.text, clauses if answerable else ())


def _right(block: AnswerBlock, question: Asked, among: int) -> bool:
    return any(holds(citation, question.accept) for citation in block.citations[:among])


def _outcomes(replies: Sequence[tuple[Asked, AnswerBlock]], ask: Ask) -> Outcomes:
    """Answered means right among the first three, as for the confidence."""
    answered = [_right(block, q, AMONG) for q, block in replies if block.answered]
    asked_back = [
        any(_right(ask(choice), q, AMONG) for choice in block.choices)
        for q, block in replies
        if block.choices
    ]
    declined = len(replies) - len(answered) - len(asked_back)
    right, found = sum(answered), sum(asked_back)
    return Outcomes(right, len(answered) - right, found, len(asked_back) - found, declined)


def _share(held: Sequence[bool]) -> Interval | None:
    return interval([float(h) for h in held]) if held else None


def _bins(confidence: np.ndarray, right: np.ndarray) -> list[Bin]:
    """Ten of equal width, without those that stay empty; their weighted gaps are the expected calibration error."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(
            i / BINS,
            (i + 1) / BINS,
            int(held.sum()),
            float(confidence[held].mean()),
            float(right[held].mean()),
        )
        for i in range(BINS)
        if (held := places == i).any()
    ]


def _risk_coverage(confidence: np.ndarray, right: np.ndarray) -> list[Point]:
    """From the surest down; questions of equal confidence are answered together or not at all."""
    points = []
    for level in np.unique(confidence)[::-1]:
        answered = confidence >= level
        points.append(Point(float(level), float(answered.mean()), float(1 - right[answered].mean())))
    return points


def _shipped(shown: Sequence[AnswerBlock], right: Sequence[bool]) -> Point | None:
    """Where the product stands on that curve; None when it answered nothing."""
    answered = [i for i, block in enumerate(shown) if block.answered]
    if not answered:
        return None
    wrong = sum(not right[i] for i in answered) / len(answered)
    return Point(min(shown[i].confidence for i in answered), len(answered) / len(shown), wrong)


def _miss(question: Asked, block: AnswerBlock, right: bool) -> Miss | None:
    if right or (not question.answerable and not block.answered):
        return None
    kept_back = "asked_back" if block.choices else "refused"
    fault = "answered" if not question.answerable else "wrong" if block.answered else kept_back
    return Miss(
        question.id,
        question.text,
        fault,
        block.confidence,
        [f"{c.law}:{c.article}" if c.article else c.law for c in question.accept],
        [f"{c.law}:{_label(c.article)}" if c.law else c.id for c in block.citations],
    )


def _label(article: object) -> str:
    return "、".join(map(str, article)) if isinstance(article, list | tuple) else str(article or "")
