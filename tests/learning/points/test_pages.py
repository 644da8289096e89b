"""Points in pages: my statement, rankings, decisions, and what is exported to whom."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

import openpyxl
import pytest
from fastapi.testclient import TestClient

from bot.learning.events import Event
from tests.console.house import TOKEN, AppHouse
from tests.learning.factory import person
from tests.learning.hazards.shared import shared_house


@dataclass
class Doors:
    house: AppHouse
    staff: TestClient
    manager: TestClient
    trainer: TestClient

    def practise(self, number: str, key: str) -> int:
        """An award to that person; its number."""
        learning = self.house.services.learning
        details: dict[str, object] = {"redlines": []}
        event = Event(
            f"p:{key}", "practice.finished", number, learning.clock(), "fee_collection", key, 0.9, details
        )
        learning.records.publish(event)
        return learning.points.office.store.statement(number, 1)[0].id


@pytest.fixture(scope="module")
def doors() -> Doors:
    house = shared_house()
    return Doors(
        house,
        house.browser(
            person("1101", "周敏", manager="8101", trainer="7101", joined=date(2019, 1, 1)), follow=False
        ),
        house.browser(person("8101", "王芳", role="manager", post="主管"), follow=False),
        house.browser(person("7101", "孙师傅", role="trainer", post="培训师"), follow=False),
    )


def test_statement_can_be_contested_on_the_page(doors: Doors) -> None:
    """Each line says why and by which rule; contested there, decided there, and the answer stands beside it."""
    number = doors.practise("1101", "one")
    page = doors.staff.get("/points").text
    assert "陪练七十分以上，没碰红线" in page and "安全学习积分规则 2026 年第二版" in page
    assert (
        303 == doors.staff.post("/points/object", data={"entry": str(number), "why": "打了两通"}).status_code
    )
    objection = doors.house.services.learning.points.office.store.objections("open")[-1].id
    fields = {
        "act": "objection",
        "number": str(objection),
        "outcome": "corrected",
        "points": "5",
        "why": "查过了",
    }

    assert "打了两通" in doors.trainer.get("/points/team").text
    assert "成立，已补分" in doors.trainer.post("/points/team", data=fields).text
    assert "查过了" in doors.staff.get("/points").text
    assert 422 == doors.trainer.post("/points/team", data=fields).status_code


def test_only_managers_handle_money(doors: Doors) -> None:
    """Trainers decide objections; bonuses, safe days and exports are not shown to them, nor done for them."""
    page = doors.trainer.get("/points/team").text

    assert "申诉" in page and "确认安全天数" not in page and "export" not in page
    safe = {"act": "safe", "month": "2020-01", "days": "20", "person": "1101"}
    assert 422 == doors.trainer.post("/points/team", data=safe).status_code
    assert [403, 403, 200] == [
        client.get("/points/export.xlsx").status_code
        for client in (doors.staff, doors.trainer, doors.manager)
    ]
    assert 403 == doors.staff.get("/points/team").status_code


def test_safe_days_are_ticked_by_hand(doors: Doors) -> None:
    """Nobody ticked is nobody confirmed; twice confirmed counts once."""
    safe = {"act": "safe", "month": "2020-01", "days": "20"}
    assert "没有勾人" in doors.manager.post("/points/team", data=safe).text
    done = [doors.manager.post("/points/team", data={**safe, "person": "1101"}).text for _ in range(2)]

    assert "确认了 1 人" in done[0] and "确认了 0 人，1 人以前确认过" in done[1]


def test_manager_exports_own_department(doors: Doors) -> None:
    """A manager's export holds their own department; a program's all of it."""
    doors.house.services.learning.staff.save([person("3001", "钱多", department="抄表")])
    own = openpyxl.load_workbook(io.BytesIO(doors.manager.get("/points/export.xlsx").content))
    everybody = doors.house.browser().get("/points/export.csv", headers=TOKEN).content.decode("utf-8-sig")

    assert "3001" not in [cell.value for cell in own.worksheets[0]["A"]] and "3001" in everybody
    assert 404 == doors.manager.get("/points/export.pdf").status_code


def test_ranking_page_says_how_many(doors: Doors) -> None:
    """Persons, departments, teams and posts, with the number of people behind the figures."""
    doors.practise("1101", "two")
    for by in ("person", "department", "team", "post", "nonsense"):
        page = doors.staff.get(f"/points/ranking?by={by}&span=year").text

        assert "在册" in page and "分少不等于干得差" in page


def test_reversal_is_a_new_line(doors: Doors) -> None:
    """A manager takes an entry back with a reason; both lines stay to be read."""
    number = doors.practise("1101", "three")
    fields = {"act": "reverse", "number": str(number), "why": "那通是替打的"}

    assert "冲回了" in doors.manager.post("/points/team", data=fields).text
    page = doors.staff.get("/points").text
    assert "那通是替打的" in page and f"{number} 号" in page and "已被" in page


def test_guest_sees_rules_only(doors: Doors) -> None:
    """Who is not bound reads how points are earned, and how to be bound."""
    page = doors.house.browser().get("/points").text

    assert "绑定码" in page and "怎么得分" in page
    assert 401 == doors.house.browser().get("/points/ranking").status_code
