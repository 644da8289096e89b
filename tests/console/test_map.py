"""The knowledge map: who sees which teams, and nobody's own figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.learning.events import Event
from tests.console.house import TOKEN, AppHouse, app_house
from tests.learning.factory import person


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> AppHouse:
    house = app_house(tmp_path_factory.mktemp("map"))
    learning = house.services.learning
    for department in ("收费", "法务"):
        people = [
            person(
                f"{department}{n}",
                f"员工{n}",
                department=department,
                manager="m1" if department == "收费" else "",
            )
            for n in range(6)
        ]
        learning.staff.save(people)
        for one in people:
            at = learning.clock() - timedelta(days=2)
            learning.records.publish(Event(f"a{one.id}", "quiz.answered", one.id, at, "contracts", "x", 1.0))
    return house


def test_manager_sees_the_teams_they_lead(house: AppHouse) -> None:
    """A manager of the collectors sees those, not the lawyers; an administrator sees all."""
    page = house.browser(person("m1", "主管", department="收费", role="manager")).get("/map").text

    assert "收费" in page and "法务" not in page
    assert "法务" in house.browser(person("a1", "管理", department="信息", role="admin")).get("/map").text
    assert "法务" in house.browser().get("/map", headers=TOKEN).text


def test_no_person_is_on_the_map(house: AppHouse) -> None:
    """Neither names nor numbers of staff are in the page."""
    page = house.browser().get("/map", headers=TOKEN).text

    assert not any(f"员工{n}" in page or f"收费{n}" in page for n in range(6))
    assert 'class="known"' in page and "还看不出" in page


def test_staff_are_sent_elsewhere(house: AppHouse) -> None:
    """The map is for those who lead."""
    assert 403 == house.browser(person("s1", "小周")).get("/map").status_code


def test_figures_are_one_click_away(house: AppHouse) -> None:
    """A table holds what the charts draw, with the number of people behind it."""
    page = house.browser().get("/map", headers=TOKEN).text

    assert "<td>供用电合同</td>" in page and '<td class="num">6</td>' in page
