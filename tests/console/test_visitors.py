"""Who is looking at a page, and what they may see."""

from __future__ import annotations

import pytest
from fastapi import Request
from fastapi.responses import Response

from bot.channels.web.sessions import Sessions
from bot.console.pages import Pages
from bot.console.visitors import Visitors
from bot.messages import say
from tests.console.house import TOKEN, AppHouse, app_house
from tests.learning.factory import person, words_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> AppHouse:
    house = app_house(tmp_path_factory.mktemp("console"))
    visitors = Visitors(Sessions(house.settings), house.services.learning, house.settings.api_token)
    pages = Pages(visitors)

    @house.app.get("/try/anybody")
    def anybody(request: Request) -> Response:
        return pages.render("refused.html.j2", request, problem=visitors.of(request).learner, remedy="")

    @house.app.get("/try/trainers")
    def trainers(request: Request) -> dict[str, str]:
        return {"learner": visitors.require(request, "trainer").learner}

    @house.app.post("/try/act")
    def act(request: Request) -> dict[str, bool]:
        visitors.same_origin(request)
        return {"done": True}

    return house


def test_guest_gets_a_page_and_a_cookie(house: AppHouse) -> None:
    """Who was never here sees what is for everybody, and is the same guest the next time."""
    first = house.browser()
    page, again = first.get("/try/anybody"), first.get("/try/anybody")

    assert 200 == page.status_code and "guest-" in page.text and page.text == again.text
    assert "guest-" in house.browser().get("/try/anybody").text != page.text


def test_role_opens_a_page(house: AppHouse) -> None:
    """Staff, trainer, manager and administrator: those who may, and the others with the way to go."""
    seen = {
        role: house.browser(person(f"7{n}", "某人", role=role)).get("/try/trainers").status_code
        for n, role in enumerate(("staff", "trainer", "manager", "admin"))
    }

    assert {"staff": 403, "trainer": 200, "manager": 403, "admin": 200} == seen
    assert "请管理员" in house.browser(person()).get("/try/trainers").json()["remedy"]
    assert 401 == house.browser().get("/try/trainers").status_code
    assert 200 == house.browser().get("/try/trainers", headers=TOKEN).status_code


def test_refusal_is_a_page_for_people(house: AppHouse) -> None:
    """A browser sees a page that says what to do, not JSON."""
    page = house.browser().get("/try/trainers", headers={"Accept": "text/html"})

    assert 401 == page.status_code and "<h1>这一页要先知道您是谁。</h1>" in page.text and "绑定" in page.text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_other_site_may_not_act(house: AppHouse, headers: dict[str, str]) -> None:
    """A foreign page cannot press our buttons in somebody's name."""
    assert 403 == house.browser(person()).post("/try/act", headers=headers).status_code
    assert 200 == house.browser(person()).post("/try/act").status_code


def test_notice_becomes_part_of_the_talk(house: AppHouse) -> None:
    """Shown once by the door for notices, and again by the history after a reload; never to others."""
    one, other = house.browser(person("81", "甲")), house.browser(person("82", "乙"))
    learning = house.services.learning
    learning.notices.send("81", say("师傅签字了。"), "signed:1", learning.clock())

    assert [] == other.post("/api/v1/notices").json()["messages"]
    taken = [one.post("/api/v1/notices").json()["messages"] for _ in range(2)]
    assert [1, 0] == [len(messages) for messages in taken]
    assert [("bot", "师傅签字了。")] == [
        (entry["role"], entry["message"]["blocks"][0]["text"])
        for entry in one.get("/api/v1/history").json()["entries"]
    ]


def test_words_pass_the_one_door(house: AppHouse) -> None:
    """A command reaches its desk, and a question the knowledge base, as with the real Rasa."""
    browser = house.browser(person("83", "丙"))

    assert "工号 83" in words_of(house.say(browser, "我是谁"))
    assert "三十" in words_of(house.say(browser, "客户欠费多久可以停电？"))


def test_one_time_link_opens_the_page_asked_for(house: AppHouse) -> None:
    """The way from a chat leads to one of our pages, and to no other server."""
    from bot.channels.chat.links import Links

    links = Links(Sessions(house.settings).secret, "", house.services.shared)
    for to, lands in (("/learn", "/learn"), ("//elsewhere.example", "/"), ("https://elsewhere.example", "/")):
        answer = house.browser(follow=False).post(links.one_time("wecom-1", to))

        assert (303, lands) == (answer.status_code, answer.headers["location"])
