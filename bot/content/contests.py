"""What trainers write to hold a contest: its rounds, what they are worth, and where their questions come from.

`bot.content.loader` validates the YAML of knowledge/contests/; `bot.learning.contests` plays it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.models import Id, Line, Topic
from bot.content.quizzes import Item, QuizSet
from bot.errors import Fault

RoundKind = Literal["required", "buzzer", "risk", "overtime"]
ROUND_NAMES: dict[str, str] = {"required": "必答", "buzzer": "抢答", "risk": "风险题", "overtime": "加时"}
Playable = Literal["single", "multiple", "judgement", "order", "fill"]
PLAYABLE: tuple[Playable, ...] = ("single", "multiple", "judgement", "order", "fill")
"""Kinds of item that are right or wrong at once: a reply to a customer has no one right answer to race for."""
STAKES: dict[int, int] = {10: 1, 20: 2, 30: 3}
"""What may be staked in a risk round, and the level of the item that is asked for it."""
_Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=16)]
_Team = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10)]


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pick(_Authored):
    """Items drawn from the quiz sets by lot. An empty list is all there are; `count` how many are drawn.

    In a round where teams take turns `count` is for each team; in a risk round it is for each level. `longest` is how
    many characters a question may have: it is read aloud, and read off a wall.
    """

    count: int = Field(ge=1, le=40)
    topics: tuple[Topic, ...] = ()
    levels: tuple[Literal[1, 2, 3], ...] = ()
    kinds: tuple[Playable, ...] = PLAYABLE
    longest: int = Field(default=80, ge=20, le=600)


class Spoken(_Authored):
    """A question answered aloud; the host decides whether it was right."""

    id: Id
    stem: Line
    answer: Line
    explanation: Line
    cards: tuple[Id, ...] = Field(min_length=1)
    level: Literal[1, 2, 3] = 1


class Round(_Authored):
    """Times are in seconds, points are whole; `wrong` and `foul` are what is lost.

    required: `turn` everybody answers the same question, or each team its own.
    buzzer: `after_wrong` opens the question to the others, at most `tries` times in all, or closes it. A press before
    开始抢答 is a foul: it locks out of this question, and from the foul after the `free_fouls` first ones on it costs
    `foul`.
    risk: a stake of 10, 20 or 30 is won or lost; teams take turns, individuals all stake on the same question.
    overtime: sudden death by buzzer among those who share the first place; no points.
    """

    kind: RoundKind
    title: _Title
    about: Line | None = None
    turn: Literal["everybody", "in_turn"] = "everybody"
    seconds: int = Field(default=30, ge=5, le=300)
    buzz_seconds: int = Field(default=20, ge=5, le=120)
    points: int = Field(default=10, ge=0, le=100)
    wrong: int = Field(default=0, ge=0, le=100)
    foul: int = Field(default=5, ge=0, le=100)
    free_fouls: int = Field(default=1, ge=0, le=5)
    after_wrong: Literal["open", "close"] = "open"
    tries: int = Field(default=2, ge=1, le=8)
    pick: Pick | None = None
    items: tuple[Id, ...] = ()
    own: tuple[Item, ...] = ()
    spoken: tuple[Spoken, ...] = ()

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if problem := _misfit(self):
            raise ValueError(problem)
        return self


class Contest(_Authored):
    """`teams` are the names a host starts from in a contest of teams. `guests` may play under a name they give."""

    id: Id
    title: _Title
    about: Line
    mode: Literal["individual", "team"]
    minutes: int = Field(ge=1, le=180)
    teams: tuple[_Team, ...] = ()
    guests: bool = False
    rounds: tuple[Round, ...] = Field(min_length=1, max_length=12)
    reviewed_on: date

    @model_validator(mode="after")
    def _fits_its_mode(self) -> Self:
        if problem := _unplayable(self):
            raise ValueError(problem)
        return self


def _misfit(one: Round) -> str:
    if not (one.pick or one.items or one.own or one.spoken):
        return "没有题：写 pick、items、own、spoken 里的至少一样"
    if one.spoken and one.kind == "required" and one.turn == "everybody":
        return "口答题不能大家一起答，放到抢答、风险题或轮流必答里"
    if any(item.kind not in PLAYABLE for item in one.own):
        return "竞赛里只用单选、多选、判断、排序、填空；要人来判的写成 spoken"
    if one.kind in ("buzzer", "overtime", "risk") and one.turn == "in_turn":
        return "turn 只有必答用；抢答不轮流，风险题按队轮流不用写"
    return ""


def _unplayable(one: Contest) -> str:
    if one.mode == "team" and not 2 <= len(one.teams) <= 8:
        return "团体赛要有两到八个队名（teams）"
    if one.mode == "individual" and one.teams:
        return "个人赛不写 teams"
    if len(set(one.teams)) < len(one.teams):
        return "有两个一样的队名"
    if one.mode == "individual" and any(part.turn == "in_turn" for part in one.rounds):
        return "个人赛不轮流答，turn 写 everybody"
    if one.mode == "individual" and any(part.spoken for part in one.rounds if part.kind == "risk"):
        return "个人赛的风险题大家一起答，不用口答题"
    overtimes = [n for n, part in enumerate(one.rounds) if part.kind == "overtime"]
    if overtimes and overtimes != [len(one.rounds) - 1]:
        return "加时只写一轮，放在最后"
    if overtimes == [0]:
        return "除了加时，至少还要有一轮"
    return ""


def contest_faults(
    contests: Mapping[str, Contest],
    quizzes: Mapping[str, QuizSet],
    cards: Mapping[str, object],
    files: Mapping[str, str],
) -> Iterable[Fault]:
    """Items and cards that are not there, and draws that come up short."""
    items = {item.id: item for one in quizzes.values() for item in one.items}
    topics = {item.id: one.topic for one in quizzes.values() for item in one.items}
    for contest in contests.values():
        for number, part in enumerate(contest.rounds):
            where = (files.get(contest.id, contest.id), f"rounds.{number}")
            yield from _dangling(part, items, cards, where)
            if part.pick and quizzes:
                yield from _short(contest, part, part.pick, items.values(), topics, where)


def _dangling(
    part: Round, items: Mapping[str, Item], cards: Mapping[str, object], where: tuple[str, str]
) -> Iterable[Fault]:
    file, key = where
    for name in part.items:
        if name not in items:
            yield Fault(file, f"{key}.items", f"没有题目 {name}", "改成题库里有的编号，或改用 pick。")
        elif items[name].kind not in PLAYABLE:
            yield Fault(file, f"{key}.items", f"题目 {name} 要人来判", "换一道选择、判断、排序或填空题。")
    mine: list[Item | Spoken] = [*part.own, *part.spoken]
    for own in mine:
        for card in own.cards:
            if card not in cards:
                yield Fault(file, f"{key}.{own.id}", f"没有卡片 {card}", "改成已有的编号，或先写那张卡。")


def _short(
    contest: Contest,
    part: Round,
    pick: Pick,
    items: Iterable[Item],
    topics: Mapping[str, str],
    where: tuple[str, str],
) -> Iterable[Fault]:
    found = [one for one in items if picked(one, topics[one.id], pick)]
    levels = STAKES.values() if part.kind == "risk" and contest.mode == "team" else (0,)
    for level in levels:
        there = sum(not level or one.level == level for one in found)
        needed = pick.count * (len(contest.teams) if part.turn == "in_turn" else 1)
        if there < needed:
            at = f"第 {level} 级" if level else "这样的"
            yield Fault(
                where[0], f"{where[1]}.pick", f"{at}题只有 {there} 道，要 {needed} 道",
                "放宽 topics 或 levels，或把 count 写小。",
            )  # fmt: skip


def picked(item: Item, topic: str, pick: Pick) -> bool:
    """Whether an item of a topic may be drawn by a pick."""
    return (
        item.kind in pick.kinds
        and len(item.stem) <= pick.longest
        and (not pick.topics or topic in pick.topics)
        and (not pick.levels or item.level in pick.levels)
    )
