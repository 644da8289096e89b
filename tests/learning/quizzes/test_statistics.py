"""Which questions are bad, said in words their author can act on."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from bot.learning.quizzes.statistics import FEWEST_ANSWERS, ItemStatistics, item_statistics
from tests.learning.quizzes.items import ITEMS


@dataclass(frozen=True)
class Given:
    learner: str
    item: str
    score: float
    chosen: tuple[int, ...] = ()
    seconds: float | None = 10.0


def crowd(right: dict[str, float], people: int = 60) -> list[Given]:
    """People of growing knowledge answer td-2 … td-6 by it; td-1 by `right`, a chance for those who know and who do not."""
    luck, answers = Random(3), []
    for number in range(people):
        knows = number / people
        for item in ("td-2", "td-3", "td-4", "td-5", "td-6"):
            answers += [Given(f"p{number}", item, float(luck.random() < knows)) for _ in range(1)]
            answers += [Given(f"p{number}", f"{item}-{n}", float(luck.random() < knows)) for n in range(3)]
        chance = right["knows"] if knows > 0.5 else right["not"]
        hit = luck.random() < chance
        wrong = 1 if luck.random() < right.get("second", 0.5) else 2
        answers.append(Given(f"p{number}", "td-1", float(hit), (0,) if hit else (wrong,)))
    return answers


def of(answers: list[Given]) -> ItemStatistics:
    return next(one for one in item_statistics(answers, ITEMS) if one.item == "td-1")


def test_good_question_tells_who_knows() -> None:
    """Known by those who know the rest, missed by the others: no flag."""
    found = of(crowd({"knows": 0.95, "not": 0.2}))

    assert found.discrimination is not None and found.discrimination > 0.4 and () == found.flags
    assert 60 == found.answers == sum(found.chosen.values())


def test_turned_round_question_is_found() -> None:
    """Where those who know best are wrong most, the answer is likely the wrong way round."""
    assert any("写反" in flag for flag in of(crowd({"knows": 0.1, "not": 0.8})).flags)


def test_easy_and_hard_are_told() -> None:
    """Everybody right, and hardly anybody."""
    assert any("太容易" in flag for flag in of(crowd({"knows": 1.0, "not": 1.0})).flags)
    assert any("太难" in flag for flag in of(crowd({"knows": 0.1, "not": 0.1})).flags)


def test_option_that_nobody_picks_is_named() -> None:
    """A wrong option that misleads nobody, and one that misleads more than know better."""
    flags = of(crowd({"knows": 0.6, "not": 0.1, "second": 1.0})).flags

    assert any("催过三次就行" in flag and "没人选" in flag for flag in flags)
    assert any("他自己同意了" in flag and "比选对的还多" in flag for flag in flags)


def test_few_answers_give_no_verdict() -> None:
    """Under twenty people nothing is said about a question."""
    assert () == of(crowd({"knows": 0.0, "not": 0.0}, people=FEWEST_ANSWERS - 1)).flags


def test_first_answer_counts_alone() -> None:
    """Who answers again after having read why does not make a question look easy."""
    answers = crowd({"knows": 0.5, "not": 0.5})
    again = [Given(one.learner, "td-1", 1.0, (0,)) for one in answers if one.item == "td-1"]

    assert of(answers) == of([*answers, *again])
