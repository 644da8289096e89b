"""What authors write to be asked: quiz sets, each a handful of items on one theme.

`bot.content.loader` validates the YAML of knowledge/quizzes/; `bot.learning.quizzes` asks and grades.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.models import Id, Line, Topic

Kind = Literal["single", "multiple", "judgement", "order", "fill", "reply", "hotspot"]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
PictureId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
FEWEST_WRONG = 1
CHOOSING = ("single", "multiple", "order", "hotspot")


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(_Authored):
    """One thing to choose. A wrong one names the misconception that makes it tempting.

    In an `order` item the options stand in the right order. In a `hotspot` item `region` is the id of a shape in the
    picture, and the options stand in the order of the letters drawn there.
    """

    text: Short
    correct: bool = False
    misconception: Annotated[str, StringConstraints(max_length=120)] = ""
    region: str = ""


class Item(_Authored):
    """One question. `level` 1 is for the first week, 3 for old hands; `posts` narrows it to some posts, () is for all.

    judgement: `truth`, and `misconception`, what those who get it wrong believe.
    fill: `answers`, every wording that counts; `unit` is shown behind the blank.
    reply: `customer` is what was said to you; the tone judge scores the reply, `facts` are what it may know of the
    account, `good` and `bad` are one reply of each kind.
    """

    id: Id
    kind: Kind
    stem: Line
    explanation: Line
    cards: tuple[Id, ...] = Field(min_length=1)
    level: Literal[1, 2, 3] = 1
    posts: tuple[Short, ...] = ()
    options: tuple[Option, ...] = ()
    truth: bool | None = None
    misconception: Annotated[str, StringConstraints(max_length=120)] = ""
    answers: tuple[Short, ...] = ()
    unit: Annotated[str, StringConstraints(max_length=12)] = ""
    customer: Annotated[str, StringConstraints(max_length=200)] = ""
    facts: dict[str, bool | int | float | str] = {}
    good: Annotated[str, StringConstraints(max_length=200)] = ""
    bad: Annotated[str, StringConstraints(max_length=200)] = ""
    picture: PictureId | Literal[""] = ""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if problem := _misfit(self):
            raise ValueError(problem)
        return self


class QuizSet(_Authored):
    """Items on one theme. `origin` says who made them: an author, or a generator whose drafts were reviewed."""

    id: Id
    topic: Topic
    title: Annotated[str, StringConstraints(min_length=2, max_length=20)]
    origin: Literal["authored", "generated"] = "authored"
    reviewed_on: date
    items: tuple[Item, ...] = Field(min_length=1)


def _misfit(item: Item) -> str:
    """Why an item cannot be asked as what it says it is; "" when it can."""
    right = sum(option.correct for option in item.options)
    wrong = [option for option in item.options if not option.correct]
    if (item.kind in CHOOSING) != bool(item.options):
        return "这一类题要有 options" if item.kind in CHOOSING else "这一类题不写 options"
    if len({option.text for option in item.options}) < len(item.options):
        return "有两个一样的选项"
    if item.kind in ("single", "hotspot") and (right != 1 or len(wrong) < FEWEST_WRONG):
        return "要有一个对的选项和至少一个错的选项"
    if item.kind == "multiple" and (right < 2 or len(wrong) < FEWEST_WRONG):
        return "多选要有两个以上对的选项和至少一个错的选项"
    if item.kind == "order" and not 3 <= len(item.options) <= 6:
        return "排序要有三到六步，按正确的先后写"
    if item.kind in ("single", "multiple", "hotspot") and any(not one.misconception for one in wrong):
        return "错的选项要写 misconception：选它的人误以为什么"
    if item.kind == "hotspot" and (not item.picture or any(not one.region for one in item.options)):
        return "看图题要有 picture，每个选项要有 region"
    if item.kind == "judgement" and (item.truth is None or not item.misconception):
        return "判断题要有 truth 和 misconception"
    if item.kind == "fill" and (not item.answers or "____" not in item.stem):
        return "填空题要有 answers，题干里用 ____ 留空"
    if item.kind == "reply" and not (item.customer and item.good and item.bad):
        return "回话题要有 customer、good 和 bad"
    return ""
