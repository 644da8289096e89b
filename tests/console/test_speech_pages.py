"""A speech contest: opened on a trainer's page, marked on phones, closed once, and kept in the speakers' records."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from bot.learning.awareness.speeches import MARKS
from bot.learning.events import Event
from tests.console.house import AppHouse, app_house
from tests.learning.factory import person


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> AppHouse:
    return app_house(tmp_path_factory.mktemp("speeches"))


def opened(house: AppHouse, speakers: str, title: str = "春季安全演讲") -> tuple[TestClient, str]:
    trainer = house.browser(person("t1", "陈师傅", role="trainer"))
    answer = trainer.post("/speech", data={"title": title, "speakers": speakers})
    assert 200 == answer.status_code, answer.text
    return trainer, answer.url.path


def sheet(number: int, mark: int) -> dict[str, str]:
    return {"speaker": str(number), **{name: str(mark) for name in MARKS}}


def test_contest_from_opening_to_record(house: AppHouse) -> None:
    """Colleagues mark once each, nobody marks themselves, and the scores stand in the speakers' records."""
    speaker, second = house.browser(person("s1", "周敏")), house.browser(person("s2", "罗平"))
    trainer, path = opened(house, "s1\n罗平\n外单位的同行")
    listeners = [house.browser(person(f"l{n}", f"听众{n}")) for n in range(5)]
    for n, listener in enumerate(listeners):
        assert 200 == listener.post(f"{path}/mark", data=sheet(0, 5 if n else 1)).status_code
        listener.post(f"{path}/mark", data=sheet(1, 3))
    listeners[1].post(f"{path}/mark", data=sheet(0, 1))
    own = speaker.post(f"{path}/mark", data=sheet(0, 5))
    half = second.post(f"{path}/mark", data={"speaker": "0", "true": "5"})

    assert 422 == own.status_code and "自己的不能自己打" in own.text
    assert 422 == half.status_code and "五样都要打" in half.text
    assert "100.0" in trainer.get(path).text and "100.0" not in listeners[0].get(path).text
    for _ in range(2):
        trainer.post(f"{path}/close")
    store = house.services.learning.records.store
    (score,) = store.of("s1", kinds=["speech.scored"])
    assert 1.0 == score.value and 1 == score.details["place"]
    late = second.post(f"{path}/mark", data=sheet(0, 1))
    assert 422 == late.status_code and "已经收分" in late.text


@pytest.mark.parametrize(
    ("speakers", "why"),
    [("", "1 到 40 个"), ("周敏\n周敏", "写了两回"), ("\n".join(f"人{n}" for n in range(41)), "1 到 40 个")],
)
def test_list_that_cannot_be_is_explained(house: AppHouse, speakers: str, why: str) -> None:
    """The form comes back with what is the matter."""
    trainer = house.browser(person("t1", "陈师傅", role="trainer"))
    answer = trainer.post("/speech", data={"title": "演讲", "speakers": speakers})

    assert 422 == answer.status_code and why in answer.text


def test_two_of_a_name_are_told_apart(house: AppHouse) -> None:
    """A name that two people have asks for the number; the number is enough."""
    house.services.learning.staff.save([person("w1", "王伟"), person("w2", "王伟")])
    trainer = house.browser(person("t1", "陈师傅", role="trainer"))

    assert "叫王伟的有 2 位" in trainer.post("/speech", data={"title": "演讲", "speakers": "王伟"}).text
    assert "王伟" in trainer.post("/speech", data={"title": "演讲", "speakers": "w2"}).text


def test_customers_number_is_not_kept(house: AppHouse) -> None:
    """What is typed by mistake is masked before it is stored."""
    _, path = opened(house, "客座 13812345678", "演讲 13987654321")
    kept = str(house.services.learning.speeches.get(path.rsplit("/", 1)[-1]))

    assert "13812345678" not in kept and "13987654321" not in kept


def test_kit_is_open_to_everybody_and_contests_are_not(house: AppHouse) -> None:
    """An outline for a guest; no contest opened by a clerk, none marked by a guest, and none after a month."""
    guest, clerk = house.browser(), house.browser(person("c1", "刘芳"))
    _, path = opened(house, "刘芳")
    case = next(iter(house.services.learning.awareness.cases))
    page = guest.get(f"/speech?case={case}&minutes=3").text

    assert "从那一刻讲起" in page and "27 秒" in page and "办一场" not in page
    assert 403 == clerk.post("/speech", data={"title": "演讲", "speakers": "刘芳"}).status_code
    assert 401 == guest.post(f"{path}/mark", data=sheet(0, 5)).status_code
    assert 403 == clerk.post(f"{path}/close").status_code
    house.clock.move(days=31)
    assert 404 == clerk.get(path).status_code


def test_slogan_is_of_what_one_most_needs(house: AppHouse) -> None:
    """Who gets one topic wrong day after day reads of that topic in the morning, and why."""
    client, records = house.browser(person("n1", "赵强", post="数据专责")), house.services.learning.records
    for n in range(12):
        at = house.clock() - timedelta(hours=n)
        for topic in ("work_safety", "fee_collection", "cyber_security", "contracts", "new_business"):
            records.publish(Event(f"ok:{topic}:{n}", "quiz.answered", "n1", at, topic, "q", 1.0))
        records.publish(Event(f"no:{n}", "quiz.answered", "n1", at, "client_data", "q", 0.0))
    card = house.say(client, "今日标语").blocks[0]

    assert card.type == "card" and "客户信息" in card.status and "最要补" in card.lines[-1]
    assert "/speech" == house.say(client, "演讲比赛").blocks[0].link.path  # type: ignore[union-attr]
