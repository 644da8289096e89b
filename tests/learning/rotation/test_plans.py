"""Whether a plan can stand, which task belongs to which week, and what may be said of before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bot.content.loader import load_knowledge
from bot.errors import BadInput
from bot.learning.people.person import Person
from bot.learning.rotation.assessment import read_marks, value_of
from bot.learning.rotation.comparison import Compared, compared, in_words, student
from bot.learning.rotation.plans import Plan, overlap, problems, week_of, weeks_in
from bot.learning.rotation.tasks import due, this_week, week_for
from bot.settings import Settings
from tests.learning.factory import person

PLACES = load_knowledge(Settings().knowledge).rotation
MONDAY = date(2026, 12, 7)


@dataclass(frozen=True)
class Need:
    department: str = "收费"
    post: str = "催收员"
    at_least: int = 2


STAFF: dict[str, Person] = {
    one.id: one
    for one in [
        person("1001", "周敏"), person("1002", "李强"), person("1003", "赵强"), person("1004", "钱多"),
        person("3001", "孙丽", department="信息", post="工程师"), person("3002", "吴静", department="信息", post="工程师"),
        person("1009", "走了", left=date(2026, 12, 20)),
    ]
}  # fmt: skip


def plan(who: str = "1001", begins: int = 0, days: int = 28, **other: object) -> Plan:
    first = MONDAY + timedelta(days=begins)
    fields = {"place": "information", "mentor": "3001", "goals": ("会看钓鱼邮件",)} | other
    return Plan(person=who, first=first, last=first + timedelta(days=days - 1), **fields)  # type: ignore[arg-type]


def said(new: Plan, *others: Plan) -> str:
    return " ".join(problems(new, others, STAFF, [Need()], PLACES))


@pytest.mark.parametrize(
    ("new", "others", "words"),
    [
        (plan(), [plan(begins=27, place="legal", mentor="3002", id=3)], "已经在法务轮岗（3 号计划）"),
        (plan(), [plan("3001", place="legal", mentor="3002", id=4)], "带教人孙丽 2026-12-07"),
        (plan("3001", mentor="3002"), [plan("1002", id=5)], "要带李强"),
        (
            plan("1003"),
            [plan("3002", mentor="3001", begins=7, id=6), plan("1001", begins=7, id=7)],
            "已经带着 2 人",
        ),
        (
            plan(),
            [plan("1002", id=8), plan("1003", begins=14, mentor="3002", id=9)],
            "2026-12-21 收费的催收员只剩 1 人",
        ),
        (plan("1009"), [], "走了 2026-12-20 离职"),
        (plan("9999"), [], "没有工号 9999"),
        (plan(mentor="1001"), [], "不能是本人"),
        (plan(days=0), [], "比第一天还早"),
        (plan(days=500), [], "不超过一年"),
        (plan(place="moon"), [], "没有这个部门的任务单"),
        (plan(goals=()), [], "写一个目标"),
    ],
)
def test_plan_that_cannot_stand_says_why(new: Plan, others: list[Plan], words: str) -> None:
    """In two places at once, a mentor away or with too many, too few at home: each with names and days."""
    assert words in said(new, *others)


def test_plan_that_fits_stands() -> None:
    """One after the other is no clash, and changing a plan does not clash with itself."""
    assert "" == said(
        plan(), plan(begins=28, place="legal", mentor="3002", id=3), plan("1002", begins=40, id=4)
    )
    assert "" == said(plan(id=3), plan(id=3))


@given(
    st.lists(
        st.tuples(st.sampled_from(["1001", "1002", "1003", "1004"]), st.integers(0, 60), st.integers(1, 40)),
        max_size=12,
    )
)
def test_accepted_plans_never_clash(wanted: list[tuple[str, int, int]]) -> None:
    """However plans are asked for: of those accepted nobody is in two places, no mentor has three, two stay at home."""
    standing: list[Plan] = []
    for who, begins, days in wanted:
        new = plan(who, begins, days, id=0, mentor="3001" if begins % 2 else "3002")
        if not said(new, *standing):
            standing.append(replace(new, id=len(standing) + 1))

    for day in (MONDAY + timedelta(days=n) for n in range(100)):
        away = [one for one in standing if one.first <= day <= one.last]
        mentors = [one.mentor for one in away]
        assert len({one.person for one in away}) == len(away) <= 3
        assert all(mentors.count(one) <= 2 for one in mentors)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_overlap_is_a_common_day(a: int, b: int, c: int, d: int) -> None:
    """Two plans overlap where, and only where, they share a day."""
    one, two = plan(begins=a, days=b), plan(begins=c, days=d)
    days = [{p.first + timedelta(days=n) for n in range((p.last - p.first).days + 1)} for p in (one, two)]

    assert bool(days[0] & days[1]) == overlap(one, two) == overlap(two, one)


@pytest.mark.parametrize("weeks", [1, 2, 3, 4, 6])
def test_every_task_has_its_week(weeks: int) -> None:
    """A short plan pushes the weeks together, a long one leaves room: no task is lost, none comes after the end."""
    place, own = PLACES["information"], plan(days=7 * weeks)
    rows = due(place, own, set(), own.first)

    assert sum(len(week.tasks) for week in place.weeks) == len(rows)
    assert all(1 <= one.week <= weeks_in(own) for one in rows) and not any(one.late for one in rows)
    assert [week_for(n, 4, 2) for n in range(4)] == [1, 1, 2, 2]


def test_late_tasks_stay_in_view() -> None:
    """What was due last week is shown with this week's until it is done."""
    place, own = PLACES["legal"], plan(place="legal")
    first = place.weeks[0].tasks
    rows = due(place, own, {first[0].id}, MONDAY + timedelta(days=8))

    assert [first[1].id, *(one.id for one in place.weeks[1].tasks)] == [
        one.task.id for one in this_week(rows, own, MONDAY + timedelta(days=8))
    ]
    assert (0, 1, 2, 4) == tuple(week_of(own, MONDAY + timedelta(days=n)) for n in (-1, 6, 7, 99))


@pytest.mark.parametrize("freedom", [4, 5, 8, 12, 30, 200])
def test_interval_is_students(freedom: int) -> None:
    """Our quantile is the reference's within half a percent, from the smallest samples shown on."""
    assert stats.t.ppf(0.975, freedom) == pytest.approx(student(freedom), rel=0.005)


@given(
    st.lists(st.floats(0, 100), min_size=5, max_size=30), st.lists(st.floats(0, 100), min_size=5, max_size=30)
)
def test_comparison_agrees_with_reference(before: list[float], after: list[float]) -> None:
    """Difference and interval are those of scipy's Welch test, and the words fit the interval."""
    one = compared("陪练", before, after)
    assert one.low is not None and one.high is not None and one.difference is not None
    if max(before) - min(before) > 1 or max(after) - min(after) > 1:
        reference = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
        width = reference.high - reference.low
        assert one.low == pytest.approx(reference.low, abs=0.01 * width + 0.01)
        assert one.high == pytest.approx(reference.high, abs=0.01 * width + 0.01)

    crosses = one.low <= 0 <= one.high
    assert crosses == ("说不准" in in_words(one)) and (crosses or "说明不了" in in_words(one))


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Compared("答题", 0, 0, None, None), "前后都没有成绩"),
        (Compared("答题", 0, 7, None, 80.0), "轮岗前没有成绩，比不了（前 0 次，后 7 次）"),
        (compared("答题", [60, 70], [90, 95]), "次数太少，看不出是不是真的变了"),
    ],
)
def test_few_observations_are_said(one: Compared, words: str) -> None:
    """With nothing, or little, to compare, the sentence says so and shows no interval."""
    assert words in in_words(one) and "区间" not in in_words(one)


def test_marks_are_read_as_typed() -> None:
    """Spaces, commas or none; too few, too many or out of range are asked again."""
    names = ["a", "b", "c", "d"]

    assert (
        {"a": 4, "b": 5, "c": 3, "d": 4}
        == read_marks("4 5 3 4", names)
        == read_marks("4，5，3，4", names)
        == read_marks("4534", names)
    )
    assert (0.0, 1.0, 0.75) == (value_of({"a": 1}), value_of({"a": 5}), value_of({"a": 4}))
    for odd in ("4 5 3", "4 5 3 4 5", "4 5 3 6", "0 1 2 3", "很好"):
        with pytest.raises(BadInput):
            read_marks(odd, names)


def test_shipped_places_can_be_walked() -> None:
    """Three departments, four weeks each; every task says by what one sees that it is done."""
    assert {"information", "legal", "customer-service"} <= set(PLACES)
    for place in PLACES.values():
        assert len(place.weeks) >= 4 and all(task.proof for week in place.weeks for task in week.tasks)
