"""Rotation from the plan to the report, in chat and as pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bot.console.rotation_chart import chart
from bot.content.loader import Knowledge, load_knowledge
from bot.desks.rotation_building import Rotations, build_rotation
from bot.errors import BadInput
from bot.learning.events import Event
from bot.settings import Settings
from bot.stores.database import open_database
from bot.stores.learning.rotation import Assessment, NewRotation, Rotation, RotationStore
from tests.learning.factory import Floor, person, words_of
from tests.learning.hazards.shared import shared_house

FIRST = date(2026, 11, 30)
AT = datetime(2026, 11, 30, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(Settings().knowledge)


class House(Floor):
    """1001 (web-1) goes to the information department, 3001 (web-2) is the mentor, 8001 plans."""

    rotation: Rotations

    def plan(self, **other: object) -> Rotation:
        fields: dict[str, object] = {
            "person": "1001", "place": "information", "mentor": "3001", "first": FIRST,
            "last": FIRST + timedelta(days=27), "goals": ("第一个电话打得对",), "made_by": "8001",
        }  # fmt: skip
        manager = self.staff.get("8001")
        assert manager
        new = NewRotation(**{**fields, **other})  # type: ignore[arg-type]
        return self.rotation.office.plan(new, manager, self.clock())

    def notices_of(self, number: str) -> str:
        return "\n".join(words_of(message) for _, message in self.notices.take(number, self.clock()))


@pytest.fixture
def house(tmp_path: Path, knowledge: Knowledge) -> Iterator[House]:
    house = House(f"sqlite:///{tmp_path / 'a.db'}")
    house.rotation = build_rotation(
        knowledge, house.sessions, house.records, house.staff, house.notices, house.zone
    )
    house.hall._desks |= {"rotation": house.rotation.desk}
    house.bind(person("1001", "周敏", manager="8001"), "web-1")
    house.bind(person("3001", "孙丽", department="信息", post="工程师"), "web-2")
    house.staff.save(
        [
            person("8001", "王芳", role="manager", post="主管"),
            *(person(f"10{n}", "同事") for n in range(10, 14)),
        ]
    )
    yield house


def test_rotation_goes_from_plan_to_report(house: House) -> None:
    """Planned, told, a task done with its proof, assessed by the mentor in chat, published, reported."""
    house.plan()
    assert "您去信息轮岗" in house.notices_of("1001") and "请您带教" in house.notices_of("3001")
    assert "1. [要做] 跟值班台坐两个半天" in house.tell("我的轮岗")
    assert "还有 7 项" in house.tell("轮岗任务 1 做完 记了十二通，九通没说几点")
    assert "没有重记" in house.tell("轮岗任务 1 做完 再说一遍")
    house.clock.move(days=25)
    assert "看得出真假" in house.tell("轮岗评定", "web-2")
    assert "再写一两句" in house.tell("4 5 3 4", "web-2")
    assert "信息轮岗报告" in house.tell("报障说得很全；资料还要管得再严一点", "web-2")

    assert "资料还要管得再严" in house.notices_of("1001")
    assessed = house.records.store.of("1001", kinds=("rotation.assessed",))
    assert [0.75] == [one.value for one in assessed]
    assert "已经评定过了" in house.tell("轮岗评定 1", "web-2") and "前后成绩到时再比" in house.tell(
        "轮岗报告"
    )


def test_before_and_after_come_from_events(house: House) -> None:
    """Scores of the sixty days around it, and nothing from in between; few are said to be few."""
    house.plan()
    begins = house.clock()
    for number, (days, value) in enumerate(
        [(-70, 0.1), (-20, 0.5), (-10, 0.7), (5, 0.0), (30, 0.9), (40, 1.0), (120, 0.0)]
    ):
        at = begins + timedelta(days=days)
        house.records.publish(
            Event(f"p:{number}", "practice.finished", "1001", at, "fee_collection", "s", value)
        )
    house.clock.move(days=50)
    told = house.tell("轮岗报告")

    assert (
        "陪练：前 60 分（2 次），后 95 分（2 次），差 +35 分。次数太少" in told
        and "答题：前后都没有成绩" in told
    )


def test_plan_against_rules_is_refused(house: House) -> None:
    """Twice at once is refused with the days; others see nothing of somebody's report."""
    house.plan()
    with pytest.raises(BadInput, match="已经在信息轮岗"):
        house.plan(place="legal")
    with pytest.raises(BadInput, match="太早"):
        house.plan(first=date(2026, 1, 1), last=date(2026, 1, 20))

    house.bind(person("1013", "同事"), "web-5")
    assert "没有可看的" in house.tell("轮岗报告 1", "web-5") and "没有轮岗计划" in house.tell(
        "我的轮岗", "web-5"
    )


@pytest.mark.parametrize(
    ("said", "who", "answer"),
    [
        ("轮岗任务 99 做完 都做了", "web-1", "没有第 99 项"),
        ("轮岗任务 1 做完", "web-1", "还差一句凭据"),
        ("轮岗评定 1", "web-1", "由带教人来写"),
        ("轮岗报告 77", "web-1", "没有 77 号"),
        ("我的轮岗", "web-9", "还没绑定"),
    ],
)
def test_odd_words_say_what_to_do(house: House, said: str, who: str, answer: str) -> None:
    """Whatever does not fit is answered with what would."""
    house.plan()

    assert answer in house.tell(said, who)


def test_assessment_waits_for_the_last_week(house: House) -> None:
    """Too early is said to be too early, wrong marks are asked again, and it can be put off."""
    house.plan()
    house.tell("轮岗评定", "web-2")
    assert "听到 3 个" in house.tell("4 5 3", "web-2")
    house.tell("4 5 3 4", "web-2")
    assert "还早" in house.tell("报障说得很全；资料还要管得再严一点", "web-2")
    assert "先不评" in house.tell("不评了", "web-2")


def test_reminders_come_once(house: House) -> None:
    """Each week's tasks once, and the mentor once in the last week, however often the round is made."""
    house.plan()
    house.notices_of("1001"), house.notices_of("3001")
    for days in (0, 1, 6, 7, 7, 7):
        house.rotation.office.remind(house.clock())
        house.clock.move(days=days)
    house.rotation.office.remind(house.clock())

    assert 4 == house.notices_of("1001").count("这周做") and 1 == house.notices_of("3001").count("请您评定")


def test_cancelled_plan_makes_room(house: House) -> None:
    """Called off with a reason that both read; another plan can take its days."""
    house.plan()
    manager = house.staff.get("8001")
    assert manager
    house.rotation.office.cancel(1, manager, "月底人手不够", house.clock())

    assert "月底人手不够" in house.notices_of("1001") and "月底人手不够" in house.notices_of("3001")
    assert 2 == house.plan(place="legal").id


def test_two_planners_cannot_both_win(url: str) -> None:
    """Eight who plan the same person at the same time: one plan stands."""
    store, who = RotationStore(open_database(url)), uuid4().hex[:12]
    begin, made = threading.Barrier(8), []

    def check(standing: object) -> None:
        if any(one.person == who for one in standing):  # type: ignore[attr-defined]
            raise BadInput("已经有了。")

    def work() -> None:
        begin.wait()
        try:
            made.append(
                store.add(NewRotation(who, "legal", "3001", FIRST, FIRST, ("会",), "8001"), AT, check)
            )
        except BadInput:
            return

    threads = [threading.Thread(target=work) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert 1 == len(made) and [who] == [one.person for one in store.of(who)]


def test_what_is_written_stays(url: str) -> None:
    """Tasks and assessments are written once; the first ones stay."""
    store, who = RotationStore(open_database(url)), uuid4().hex[:12]
    made = store.add(
        NewRotation(who, "legal", "3001", FIRST, FIRST, ("会",), "8001"), AT, lambda _standing: None
    )

    assert [True, False] == [store.finish_task(made.id, "t", note, AT) for note in ("一", "二")]
    one = Assessment(made.id, "3001", {"a": 4}, "好", 0.75, AT)
    assert [True, False] == [
        store.assess(one),
        store.assess(Assessment(made.id, "3001", {"a": 1}, "差", 0.0, AT)),
    ]
    assert one == store.assessment(made.id) and {"t": ("一", AT)} == store.tasks(made.id)
    assert [True, False] == [store.cancel(made.id, "不去了") for _ in range(2)] and [] == store.of(who)


def test_chart_shows_weeks() -> None:
    """Bars lie in their weeks, inside the picture, with words for who cannot see them; no plan is no chart."""
    drawn = chart(
        [
            ("周敏", "信息", FIRST, FIRST + timedelta(days=27)),
            ("李强", "法务", date(2030, 1, 1), date(2030, 2, 1)),
        ],
        FIRST,
    )

    assert chart([], FIRST) is None and drawn is not None
    assert all(0 <= bar.x and bar.x + bar.width <= drawn.width for bar in drawn.bars)
    assert ["周敏在信息，2026-11-30 到 2026-12-27", "李强在法务，2030-01-01 到 2030-02-01"] == [
        b.words for b in drawn.bars
    ]
    assert 4 * 34 == drawn.bars[0].width


def test_pages_plan_and_assess() -> None:
    """A manager plans on the page, sees what is against a plan, the mentor assesses; staff are kept out of the overview."""
    house = shared_house()
    manager = house.browser(person("8301", "王芳", role="manager", post="主管"), follow=False)
    goer = house.browser(person("1301", "周敏", post="见习员"), follow=False)
    mentor = house.browser(person("3301", "孙丽", department="信息", post="工程师"), follow=False)
    today = house.services.learning.clock().date()
    fields = {
        "person": "1301", "place": "information", "mentor": "3301", "first": str(today - timedelta(days=10)),
        "last": str(today + timedelta(days=1)), "goals": "第一个电话打得对\n看得出钓鱼邮件",
    }  # fmt: skip
    where = manager.post("/rotation", data=fields).headers["location"]
    again = manager.post("/rotation", data=fields)

    assert 422 == again.status_code and "已经在信息轮岗" in again.text
    assert "周敏 · 信息" in manager.get("/rotation").text and 403 == goer.get("/rotation").status_code
    task = {"act": "task", "task": "info-w1-desk", "note": "记了十二通"}
    assert [303, 422] == [client.post(where, data=task).status_code for client in (goer, mentor)]
    marks = {f"mark-{name}": "4" for name in ("reporting", "judging", "keeping", "bringing-home")}
    assess = {"act": "assess", "words": "报障说得全，资料要管严", **marks}
    assert [422, 303] == [client.post(where, data=assess).status_code for client in (goer, mentor)]
    page = goer.get(where).text
    assert "4 / 5" in page and "记了十二通" in page and "看得出钓鱼邮件" in page
    assert 20 == house.services.learning.points.office.store.balance("1301")
    assert 404 == house.browser().get(where).status_code
    assert 422 == manager.post("/rotation", data={**fields, "first": "明天"}).status_code
