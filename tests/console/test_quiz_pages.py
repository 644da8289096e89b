"""The page on questions, and their pictures."""

from __future__ import annotations

import pytest

from tests.console.house import AppHouse, app_house
from tests.learning.factory import person


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> AppHouse:
    return app_house(tmp_path_factory.mktemp("quiz"))


def test_page_shows_what_was_answered(house: AppHouse) -> None:
    """After somebody's first answer a trainer sees the question and how many chose what."""
    learner = house.browser(person("q1", "小周"))
    block = house.say(learner, "每日五题").blocks[0]
    house.say(learner, "不会")
    page = house.browser(person("q2", "师傅", role="trainer")).get("/quiz/stats")

    assert block.type == "quiz" and block.stem in page.text and "1 人答过" in page.text
    assert 403 == learner.get("/quiz/stats").status_code


def test_round_runs_through_the_one_door(house: AppHouse) -> None:
    """In the widget as in chat: five questions, each answered, and an end."""
    learner = house.browser(person("q3", "小李"))
    message = house.say(learner, "每日五题")
    for _ in range(5):
        assert message.blocks[-1].type == "quiz"
        message = house.say(learner, "不会")

    assert "做完了" in str(message) and message.blocks[0].type == "quiz_result"


@pytest.mark.parametrize("name", ["nothing", "..%2F..%2Fsecret", "Meter"])
def test_only_our_pictures_are_served(house: AppHouse, name: str) -> None:
    """No name leads out of the folder of pictures."""
    assert 404 == house.browser().get(f"/pictures/{name}.svg").status_code
