"""How good an answer is, 0..1, and what somebody who gave it may have believed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from bot.content.quizzes import Item
from bot.learning.quizzes.reading import KEYS, read_keys, read_truth, same_words

PASSED_BAND = 4
"""A reply counts as right from the band that the rubric calls good on."""
SHUFFLED = ("single", "multiple", "order")
"""Not hotspots: their letters stand in the picture."""


@dataclass(frozen=True)
class Verdict:
    """What the tone judge says of a reply: 0..100, band 1..5, the red lines crossed, and what to change."""

    overall: int
    band: int
    redlines: tuple[str, ...] = ()
    advice: str = ""


ReplyJudge = Callable[[str, str, Mapping[str, object]], Verdict]
"""(what the customer said, the reply, facts of the account) → the verdict."""


@dataclass(frozen=True)
class Grade:
    """`score` 0..1; `right` whether it counts as known. `given` is the answer as read; `chosen` the options' places in
    the item as written; `misconception` what such an answer mistakes."""

    score: float
    right: bool
    given: str
    chosen: tuple[int, ...] = ()
    misconception: str = ""


def order_for(item: Item, learner: str, showing: str) -> tuple[int, ...]:
    """In which order the options are shown: another for each learner and showing, and always the same for both."""
    places = list(range(len(item.options)))
    if item.kind in SHUFFLED:
        seed = hashlib.sha256(f"{learner}\x00{item.id}\x00{showing}".encode()).hexdigest()
        Random(seed).shuffle(places)  # noqa: S311  fairness, not secrecy
        if item.kind == "order" and places == sorted(places):
            places = [*places[1:], places[0]]  # the answer must not stand there already
    return tuple(places)


def grade(item: Item, text: str, order: Sequence[int], judge: ReplyJudge) -> Grade | None:
    """None where the text cannot be read as an answer: then one asks again, and nothing is counted."""
    if item.kind == "judgement":
        return _judgement(item, text)
    if item.kind == "fill":
        return _fill(item, text)
    if item.kind == "reply":
        return _reply(item, text, judge)
    keys = read_keys(text, len(item.options))
    if keys is None:
        return None
    chosen = tuple(order[key] for key in keys)
    given = "".join(KEYS[key] for key in keys)
    if item.kind == "order":
        return _order(item, chosen, given)
    return _multiple(item, chosen, given) if item.kind == "multiple" else _single(item, chosen, given)


def unknown(item: Item) -> Grade:
    """Somebody says that they do not know: honest, and not known."""
    return Grade(0.0, False, "不会")


def right_answer(item: Item, order: Sequence[int]) -> str:
    """The answer in words, with the letters under which it was shown."""
    if item.kind == "judgement":
        return "对" if item.truth else "错"
    if item.kind == "fill":
        return f"{item.answers[0]}{item.unit}"
    if item.kind == "reply":
        return f"可以这么说：{item.good}"
    letters = {place: KEYS[shown] for shown, place in enumerate(order)}
    if item.kind == "order":
        return " → ".join(f"{letters[n]}. {one.text}" for n, one in enumerate(item.options))
    return "；".join(f"{letters[n]}. {one.text}" for n, one in enumerate(item.options) if one.correct)


def _single(item: Item, chosen: tuple[int, ...], given: str) -> Grade | None:
    if len(chosen) != 1:
        return None
    option = item.options[chosen[0]]
    return Grade(float(option.correct), option.correct, given, chosen, option.misconception)


def _multiple(item: Item, chosen: tuple[int, ...], given: str) -> Grade:
    """The share of what is right that was chosen, less what is wrong among it: everything marked earns nothing."""
    right = {n for n, one in enumerate(item.options) if one.correct}
    wrong = [n for n in chosen if n not in right]
    score = max(0.0, (len(set(chosen) & right) - len(wrong)) / len(right))
    return Grade(
        score, set(chosen) == right, given, chosen, item.options[wrong[0]].misconception if wrong else ""
    )


def _order(item: Item, chosen: tuple[int, ...], given: str) -> Grade | None:
    """By pairs in the right order (Kendall): half of them right is chance, and earns nothing."""
    if len(chosen) != len(item.options):
        return None
    pairs = list(combinations(chosen, 2))
    share = sum(first < second for first, second in pairs) / len(pairs)
    return Grade(max(0.0, 2 * share - 1), share == 1, given, chosen)


def _judgement(item: Item, text: str) -> Grade | None:
    said = read_truth(text)
    if said is None:
        return None
    right = said == item.truth
    return Grade(float(right), right, "对" if said else "错", (), "" if right else item.misconception)


def _fill(item: Item, text: str) -> Grade:
    right = any(same_words(text, one, item.unit) for one in item.answers)
    return Grade(float(right), right, text.strip()[:40], (), "" if right else item.misconception)


def _reply(item: Item, text: str, judge: ReplyJudge) -> Grade:
    verdict = judge(item.customer, text, item.facts)
    if verdict.redlines:
        return Grade(0.0, False, text.strip()[:200], (), verdict.advice)
    right = verdict.band >= PASSED_BAND
    return Grade(verdict.overall / 100, right, text.strip()[:200], (), "" if right else verdict.advice)
