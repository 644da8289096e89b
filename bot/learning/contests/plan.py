"""The plan of one contest: its questions drawn and put in order once, so that a log replays the same for ever.

A plan is kept beside the log. Changing the script or the quiz sets afterwards changes nothing about a contest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from bot.content.contests import ROUND_NAMES, STAKES, Contest, Round, RoundKind, Spoken, picked
from bot.content.quizzes import Item, QuizSet
from bot.errors import BadInput


@dataclass(frozen=True)
class Mark:
    """How good an answer is. `score` 0..1; `right` is what a contest counts: all of it, nothing but it."""

    score: float
    right: bool
    given: str


class Grader(Protocol):
    """What is needed of quizzes: the order in which options are shown, reading an answer, and the right one in words."""

    def order(self, item: Item, showing: str) -> tuple[int, ...]: ...

    def mark(self, item: Item, text: str, order: Sequence[int]) -> Mark | None:
        """None where the text cannot be read as an answer to this item."""
        ...

    def answer(self, item: Item, order: Sequence[int]) -> str: ...


@dataclass(frozen=True)
class Question:
    """`item` is None for a spoken one. `order` is how its options are shown: places in the item as written."""

    key: str
    item: Item | None
    spoken: Spoken | None
    topic: str = ""
    order: tuple[int, ...] = ()

    @property
    def level(self) -> int:
        return self._one.level

    @property
    def ref(self) -> str:
        return self._one.id

    @property
    def stem(self) -> str:
        return self._one.stem

    @property
    def explanation(self) -> str:
        return self._one.explanation

    @property
    def cards(self) -> tuple[str, ...]:
        return self._one.cards

    @property
    def kind(self) -> str:
        return self.item.kind if self.item else "spoken"

    @property
    def options(self) -> tuple[str, ...]:
        """As they are shown; nothing here tells which is right."""
        if self.item is None:
            return ()
        return (
            ("对", "错")
            if self.item.kind == "judgement"
            else tuple(self.item.options[n].text for n in self.order)
        )

    @property
    def _one(self) -> Item | Spoken:
        one = self.item or self.spoken
        assert one is not None  # noqa: S101  one of the two is always there
        return one


@dataclass(frozen=True)
class PlannedRound:
    """A round with its questions. Times in seconds; `wrong` and `foul` are what is lost."""

    kind: RoundKind
    title: str
    about: str
    in_turn: bool
    seconds: int
    buzz_seconds: int
    points: int
    wrong: int
    foul: int
    free_fouls: int
    reopens: bool
    tries: int
    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        return ROUND_NAMES[self.kind]


@dataclass(frozen=True)
class Plan:
    """`in_chat`: played in a group chat, where nobody watches a clock and questions open as they are shown."""

    script: str
    title: str
    about: str
    teams: tuple[str, ...]
    guests: bool
    in_chat: bool
    rounds: tuple[PlannedRound, ...]

    @property
    def is_team(self) -> bool:
        return bool(self.teams)


def plan_contest(
    script: Contest,
    quizzes: Mapping[str, QuizSet],
    seed: int,
    grader: Grader,
    *,
    teams: Sequence[str] = (),
    guests: bool | None = None,
    in_chat: bool = False,
    topics: Mapping[str, str] | None = None,
) -> Plan:
    """Draws the questions. Raises BadInput where there are none to draw, or nothing of the script can be played in chat.

    `topics` says what cards are about, for questions a script brings along itself.
    """
    names = tuple(teams or script.teams) if script.mode == "team" and not in_chat else ()
    dice = Random(seed)  # noqa: S311  a fair draw, no secret
    drawer = _Drawer(quizzes, dice, grader, topics or {})
    rounds = [one for one in script.rounds if not in_chat or _fits_chat(one)]
    if not rounds:
        raise BadInput(
            f"{script.title}里没有能在群里玩的题。", "群里只玩必答和抢答；整场请从网页 /contest 开。"
        )
    planned = [drawer.round(one, names, number, in_chat) for number, one in enumerate(rounds)]
    if empty := next((one.title for one in planned if not one.questions), ""):
        raise BadInput(f"“{empty}”这一轮抽不到题。", "请培训师在题库里补题，或放宽脚本里的 pick。")
    return Plan(
        script.id,
        script.title,
        script.about,
        names,
        script.guests if guests is None else guests,
        in_chat,
        tuple(planned),
    )


def _fits_chat(one: Round) -> bool:
    return one.kind in ("required", "buzzer") and bool(one.pick or one.items or one.own)


class _Drawer:
    """No question twice in a contest."""

    def __init__(
        self, quizzes: Mapping[str, QuizSet], dice: Random, grader: Grader, topics: Mapping[str, str]
    ) -> None:
        self._pool = [(item, one.topic) for one in quizzes.values() for item in one.items]
        self._items = {item.id: (item, topic) for item, topic in self._pool}
        self._dice, self._grader, self._topics = dice, grader, topics
        self._used: set[str] = set()

    def round(self, one: Round, teams: Sequence[str], number: int, in_chat: bool) -> PlannedRound:
        chosen = list(self._chosen(one, teams, in_chat))
        return PlannedRound(
            kind=one.kind,
            title=one.title,
            about=one.about or "",
            in_turn=bool(teams) and (one.turn == "in_turn" or one.kind == "risk"),
            seconds=one.seconds,
            buzz_seconds=one.buzz_seconds,
            points=one.points,
            wrong=one.wrong,
            foul=one.foul,
            free_fouls=one.free_fouls,
            reopens=one.after_wrong == "open",
            tries=one.tries,
            questions=tuple(
                self._question(f"{number}.{n}", what, topic) for n, (what, topic) in enumerate(chosen)
            ),
        )

    def _chosen(self, one: Round, teams: Sequence[str], in_chat: bool) -> Iterable[tuple[Item | Spoken, str]]:
        own: list[Item | Spoken] = [*one.own, *(() if in_chat else one.spoken)]
        for mine in own:
            yield mine, self._topics.get(mine.cards[0], "")
        for name in one.items:
            if name in self._items and name not in self._used:
                self._used.add(name)
                yield self._items[name]
        if one.pick is None:
            return
        count = one.pick.count * (len(teams) if one.turn == "in_turn" and teams else 1)
        for level in STAKES.values() if one.kind == "risk" and teams else (0,):
            there = [
                (item, topic)
                for item, topic in self._pool
                if item.id not in self._used
                and picked(item, topic, one.pick)
                and (not level or item.level == level)
            ]
            drawn = self._dice.sample(there, min(count, len(there)))
            self._used.update(item.id for item, _ in drawn)
            yield from drawn

    def _question(self, key: str, what: Item | Spoken, topic: str) -> Question:
        if isinstance(what, Spoken):
            return Question(key, None, what, topic)
        return Question(key, what, None, topic, self._grader.order(what, f"{key}:{self._dice.random()}"))


def to_json(plan: Plan) -> dict[str, Any]:
    return {
        **{name: getattr(plan, name) for name in ("script", "title", "about", "guests", "in_chat")},
        "teams": list(plan.teams),
        "rounds": [_round_json(one) for one in plan.rounds],
    }


def from_json(kept: Mapping[str, Any]) -> Plan:
    rounds = tuple(
        PlannedRound(**{**one, "questions": tuple(_question_of(q) for q in one["questions"])})
        for one in kept["rounds"]
    )
    return Plan(**{**kept, "teams": tuple(kept["teams"]), "rounds": rounds})


def _round_json(one: PlannedRound) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in PlannedRound.__dataclass_fields__}
    return {**fields, "questions": [_question_json(q) for q in one.questions]}


def _question_json(one: Question) -> dict[str, Any]:
    return {
        "key": one.key,
        "item": one.item.model_dump(mode="json") if one.item else None,
        "spoken": one.spoken.model_dump(mode="json") if one.spoken else None,
        "topic": one.topic,
        "order": list(one.order),
    }


def _question_of(kept: Mapping[str, Any]) -> Question:
    return Question(
        kept["key"],
        Item.model_validate(kept["item"]) if kept["item"] else None,
        Spoken.model_validate(kept["spoken"]) if kept["spoken"] else None,
        kept["topic"],
        tuple(kept["order"]),
    )
