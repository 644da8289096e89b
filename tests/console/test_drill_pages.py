"""The pages of a drill: timeline, review sheet, Word file, an inject by hand, and who changes what by when."""

from __future__ import annotations

from io import BytesIO

import pytest
from docx import Document
from fastapi.testclient import TestClient

from tests.console.house import AppHouse, app_house
from tests.learning.factory import person, words_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> AppHouse:
    return app_house(tmp_path_factory.mktemp("drill"))


def begun(house: AppHouse, number: str) -> tuple[TestClient, str]:
    browser = house.browser(person(number, "小周"))
    said = words_of(house.say(browser, "演练：换表第六天表箱着火"))
    return browser, next(line for line in said.splitlines() if line.isdigit() and len(line) == 4)


def test_timeline_shows_what_happened(house: AppHouse) -> None:
    """Inject, decision and its consequence stand in the page, and the gauges with their numbers."""
    browser, code = begun(house, "d1")
    house.say(browser, "打 119，同时报调度")
    page = browser.get(f"/drill/{code}").text

    assert "三楼住户" in page and "打 119" in page and "消防出警" in page and "人员危险" in page
    assert "导演加一条情况" not in page


def test_trainer_adds_an_inject(house: AppHouse) -> None:
    """A trainer's own words come into the record; a player cannot write there."""
    browser, code = begun(house, "d2")
    trainer = house.browser(person("d3", "师傅", role="trainer"))
    trainer.post(f"/drill/{code}/note", data={"text": "消防车被电动车堵在门口"})

    assert "导演 师傅：消防车被电动车堵在门口" in browser.get(f"/drill/{code}").text
    assert 403 == browser.post(f"/drill/{code}/note", data={"text": "我也来一条"}).status_code


def test_review_is_kept_with_owner_and_date(house: AppHouse) -> None:
    """Who changes what by when is written on the sheet, stays there, and is in the Word file."""
    browser, code = begun(house, "d4")
    house.say(browser, "结束演练")
    browser.post(f"/drill/{code}/plan", data={"check": "fire", "owner": "老陈", "due": "2026-12-10"})
    sheet, word = browser.get(f"/drill/{code}/review"), browser.get(f"/drill/{code}/review.docx")

    assert 'value="老陈"' in sheet.text and "没做到" in sheet.text and "记录里没有人做这一件" in sheet.text
    cells = [cell.text for row in Document(BytesIO(word.content)).tables[0].rows for cell in row.cells]
    assert any("老陈 2026-12-10" in cell for cell in cells)


def test_unknown_room_is_said_kindly(house: AppHouse) -> None:
    """A number mistyped leads back, not to an error."""
    page = house.browser().get("/drill/0000", headers={"Accept": "text/html"})

    assert 404 == page.status_code and "没有 0000 这场演练" in page.text
