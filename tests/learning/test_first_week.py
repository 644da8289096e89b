"""A new employee's first week in chat, from the one-time code to the certificate."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.content.curricula import Curriculum
from tests.console.house import AppHouse, app_house
from tests.learning.factory import person, words_of
from tests.learning.newcomer import Newcomer

COURSE = "first-week"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> AppHouse:
    return app_house(tmp_path_factory.mktemp("week"))


def test_first_week_from_code_to_certificate(house: AppHouse) -> None:
    """Bound by code, enrolled, twelve modules with lessons, cases, quizzes, calls and the mentor's signatures, and at the
    end a certificate that the check page knows, points in the ledger, and a next lesson."""
    learning = house.services.learning
    course: Curriculum = learning.courses.curricula.courses[COURSE]
    today = learning.clock().date()
    learning.staff.save(
        [
            person("1002", "刘建国", role="trainer", joined=today - timedelta(days=4000)),
            person("1001", "周敏", trainer="1002", joined=today),
        ]
    )
    browser, mentor = house.browser(), house.browser()
    assert "绑好了，刘建国" in words_of(
        house.say(mentor, f"绑定 {learning.staff.new_code('1002', learning.clock())}")
    )
    assert "绑好了，周敏" in words_of(
        house.say(browser, f"绑定 {learning.staff.new_code('1001', learning.clock())}")
    )
    newcomer = Newcomer(house, browser, mentor)
    newcomer.say(f"报名课程：{course.title}")

    def certified() -> bool:
        return any(one.curriculum == COURSE for one in learning.courses.curricula.certificates("1001"))

    for _ in range(14):
        newcomer.work(course.title, certified)
        if certified():
            break
        house.clock.move(hours=20)
    (certificate,) = [
        one for one in learning.courses.curricula.certificates("1001") if one.curriculum == COURSE
    ]
    page = house.browser().get(f"/check/{certificate.number}").text

    assert "有效" in page and "周敏" not in page
    assert browser.get(f"/certificates/{certificate.number}.pdf").content.startswith(b"%PDF")
    assert "分" in words_of(newcomer.say("我的积分"))
    assert "分钟" in words_of(newcomer.say("学什么"))
    finished = {one.ref for one in learning.records.store.of("1001", kinds=["module.finished"])}
    assert 12 == len({one for one in finished if one.startswith(COURSE)})
    if folder := os.environ.get("TRANSCRIPTS"):  # for who wants to read the whole week
        text = "\n\n".join(f"{who}：{words}" for who, words in newcomer.log)
        (Path(folder) / "first-week.txt").write_text(text, encoding="utf-8")
