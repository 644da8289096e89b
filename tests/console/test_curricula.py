"""The pages of courses: mine, one course, my people, certificates and the page that checks them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from bot.console.certificates_pdf import Sheet, certificate_pdf
from bot.messages import CardBlock
from tests.console.house import TOKEN, AppHouse, app_house
from tests.learning.curricula.courses import all_done
from tests.learning.factory import person

SHORT = "payment-trouble"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> AppHouse:
    return app_house(tmp_path_factory.mktemp("courses"))


def clerk(number: str, name: str = "周敏", **other: Any) -> Any:
    return person(
        number,
        name,
        **{"post": "柜员", "trainer": "2001", "manager": "3001", "joined": date(2024, 1, 1), **other},
    )


@pytest.fixture(scope="module")
def mentor(house: AppHouse) -> TestClient:
    return house.browser(person("2001", "李国强", role="trainer", joined=date(2010, 1, 1)))


def certified(house: AppHouse, number: str, name: str = "欧阳雨桐") -> tuple[TestClient, str]:
    """A clerk who has done everything, and the number of the certificate."""
    browser = house.browser(clerk(number, name))
    browser.get("/learn")
    learning = house.services.learning
    curricula = learning.courses.curricula
    for event in all_done(curricula.courses[SHORT], number, learning.clock()):
        learning.records.publish(event)
    return browser, curricula.certificates(number)[0].number


def test_learner_sees_their_courses(house: AppHouse) -> None:
    """Who is bound sees what is meant for them; a guest sees what there is and how to begin."""
    mine = house.browser(clerk("11")).get("/learn").text

    assert "缴费失败与错扣" in mine and "做完 0/6" in mine
    guest = house.browser().get("/learn").text
    assert "绑定" in guest and "新员工第一周" in guest and "做完" not in guest


def test_lesson_is_read_on_the_page(house: AppHouse) -> None:
    """A lesson can be read and finished there, once; chat knows of it."""
    browser = house.browser(clerk("12"))
    browser.get("/learn")

    assert "先不争" in browser.get(f"/learn/{SHORT}").text
    for _ in range(2):
        assert 200 == browser.post(f"/learn/{SHORT}/already-paid/four-things/done").status_code
    assert 1 == len(house.services.learning.records.store.of("12", kinds=("lesson.read",)))
    assert "柜台前的三张截图" in str(house.say(browser, "继续学习"))


def test_closed_steps_stay_closed(house: AppHouse) -> None:
    """What waits for other modules, is of another kind, or is not there, cannot be done from outside."""
    browser = house.browser(clerk("13"))
    browser.get("/learn")

    for path in ("wrong-account/two-sides/done", "already-paid/three-screenshots/done", "already-paid/nothing/done", "give-it-back/refund-traced/sign"):  # fmt: skip
        assert browser.post(f"/learn/{SHORT}/{path}").status_code in (404, 409), path
    assert [] == house.services.learning.records.store.of("13")


def test_posts_come_from_our_pages(house: AppHouse) -> None:
    """Another site cannot act in somebody's name, and a guest or a program cannot learn for anybody."""
    browser = house.browser(clerk("14"))
    path = f"/learn/{SHORT}/already-paid/four-things/done"

    assert 403 == browser.post(path, headers={"Origin": "https://elsewhere.example"}).status_code
    assert 401 == house.browser().post(path).status_code
    assert 403 == house.browser().post(path, headers=TOKEN).status_code


def test_mentor_signs_on_the_page(house: AppHouse, mentor: TestClient) -> None:
    """A task handed in on the page appears with the mentor, who returns it with words and signs it the next time."""
    house.clock.move(days=0)
    browser = house.browser(clerk("15", joined=date(2026, 11, 20)))
    browser.get("/learn")
    task = "/learn/first-week/first-day/walk-around/sign"
    learning = house.services.learning

    assert 200 == browser.post(task).status_code
    (asked,) = [one for one in learning.courses.signing.waiting("2001") if one.person == "15"]
    assert "跟师傅走一圈" in mentor.get("/team").text
    assert 409 == browser.post(f"/team/{asked.id}/sign").status_code
    mentor.post(f"/team/{asked.id}/return", content="reason=%E6%89%8B%E5%A5%97")
    last = learning.courses.signing.last("15", asked.enrolment, asked.ref)
    assert last is not None and ("returned", "手套") == (last.state, last.reason)
    browser.post(task)
    (again,) = [one for one in learning.courses.signing.waiting("2001") if one.person == "15"]
    assert 200 == mentor.post(f"/team/{again.id}/sign").status_code
    assert 409 == mentor.post(f"/team/{again.id}/sign").status_code
    assert 1 == len(learning.records.store.of("15", kinds=("task.signed",)))


def test_late_people_come_first(house: AppHouse, mentor: TestClient) -> None:
    """A mentor sees their own people, those who are late in front, and nobody else's."""
    house.browser(clerk("16", "早早")).get("/learn")
    house.browser(clerk("17", "别人", trainer="9", manager="9")).get("/learn")
    house.clock.move(days=9)
    house.browser(clerk("18", "新来")).get("/learn")

    page = mentor.get("/team").text
    assert page.index("早早") < page.index("新来")
    assert "别人" not in page and "过了日子" in page
    assert 403 == house.browser(clerk("19")).get("/team", headers=HTML).status_code
    assert "别人" in house.browser(person("1", "管家", role="admin")).get("/team").text


def test_certificate_opens_for_its_people(house: AppHouse, mentor: TestClient) -> None:
    """Its owner, their mentor and an administrator open the PDF; a colleague, a guest and a guesser do not."""
    browser, number = certified(house, "21")
    path = f"/certificates/{number}.pdf"

    assert [200, 200, 200, 403, 401] == [
        one.status_code
        for one in (browser.get(path), mentor.get(path), house.browser().get(path, headers=TOKEN),
                    house.browser(clerk("22")).get(path), house.browser().get(path))
    ]  # fmt: skip
    assert b"%PDF" == browser.get(path).content[:4]
    for wrong in ("AX261130-22222222", "..%2F..%2Fetc", "x"):
        assert 404 == browser.get(f"/certificates/{wrong}.pdf").status_code


def test_check_page_shows_no_person(house: AppHouse) -> None:
    """Anybody with the number learns whether it holds, for which course, and only the surname."""
    _, number = certified(house, "23")

    page = house.browser().get(f"/check/{number.lower()}").text
    assert "这张证书有效" in page and "欧阳＊＊" in page and "缴费失败与错扣" in page
    assert not any(told in page for told in ("雨桐", ">23<", "柜员", "收费<", "2001"))


def test_check_page_knows_all_states(house: AppHouse) -> None:
    """Expired, revoked and unknown numbers are told apart, in words; one that is not ours is kindly refused."""
    _, first = certified(house, "24")
    _, second = certified(house, "25")
    learning = house.services.learning
    learning.courses.curricula.revoke(second, "代考", learning.clock())

    assert "撤销了" in house.browser().get(f"/check/{second}").text
    assert "代考" not in house.browser().get(f"/check/{second}").text
    unknown = house.browser().get("/check/AX261130-22222222", headers=HTML)
    assert 404 == unknown.status_code and "没有编号" in unknown.text
    assert "&lt;b&gt;" in house.browser().get("/check?number=<b>", headers=HTML).text
    house.clock.move(days=370)
    assert "过期了" in house.browser().get(f"/check/{first}").text
    house.clock.move(days=-370)


def test_revoked_certificate_has_no_pdf(house: AppHouse) -> None:
    """A revoked certificate cannot be printed any more, and the page says since when and why."""
    browser, number = certified(house, "26")
    learning = house.services.learning
    learning.courses.curricula.revoke(number, "代考", learning.clock())

    refused = browser.get(f"/certificates/{number}.pdf", headers=HTML)
    assert 410 == refused.status_code and "代考" in refused.text


def test_chat_links_to_pdf_and_check(house: AppHouse) -> None:
    """The card in chat leads to the PDF as its owner, and to the check page as anybody."""
    browser, number = certified(house, "27")

    links = [
        block.link for message in house.services.take_notices(house.conversation(browser)) for block in message.blocks
        if isinstance(block, CardBlock) and block.link
    ]  # fmt: skip
    assert {(f"/certificates/{number}.pdf", True), (f"/check/{number}", False)} <= {
        (one.path, one.personal) for one in links
    }


def test_pdf_is_one_a4_page() -> None:
    """One page of A4 with the number, the name, the course and the address as text; typst's signs are only text."""
    name = '#panic("x") $1$ *李*'
    sheet = Sheet("AX261130-K7M2QXRT", name, "收费，柜员", "现金与假币", 5, date(2026, 11, 30), date(2027, 11, 30), "https://a.example/check/AX261130-K7M2QXRT")  # fmt: skip

    made = certificate_pdf(sheet)
    document = pypdfium2.PdfDocument(io.BytesIO(made))
    text = "".join(document[0].get_textpage().get_text_range().split())
    assert (1, 595, 842) == (len(document), round(document[0].get_width()), round(document[0].get_height()))
    assert all(
        part in text
        for part in (
            '#panic("x")',
            "AX261130-K7M2QXRT",
            "现金与假币",
            "2027年11月30日",
            "https://a.example/check/",
        )
    )
    assert made == certificate_pdf(sheet)
