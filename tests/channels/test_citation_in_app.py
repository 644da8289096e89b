"""The pages a chat opens, in the whole app with real knowledge and real documents, as on a firm's server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.channels.chat.links import CITATION_S, ONE_TIME_S, Links
from bot.channels.web.app import create_app
from bot.channels.web.citation_page import build_citation_page
from bot.channels.web.sessions import COOKIE, Sessions
from bot.content.loader import load_knowledge
from bot.messages import Citation
from bot.retrieval.ingestion.library import Library
from bot.retrieval.ingestion.reading import read_document
from bot.services import Services, build_services
from bot.settings import Settings
from tests.retrieval.ingestion.conftest import needs_font
from tests.retrieval.ingestion.documents import RULES, chinese_font, write_docx, write_pdf

TOKEN = {"Authorization": "Bearer pass-7"}


@dataclass
class House:
    """The app with its API token set, and the links it makes."""

    app: FastAPI
    services: Services
    settings: Settings

    def links(self, now: Callable[[], float] = time.time) -> Links:
        return Links(Sessions(self.settings).secret, "", self.services.shared, now)

    def visitor(self) -> TestClient:
        """A browser without a cookie."""
        return TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    settings = Settings(data_dir=str(folder / "var"), api_token="pass-7")
    library = Library(settings.data / "documents")
    papers = [write_docx(folder / "催费<b>细则.docx", RULES)]
    if chinese_font():
        papers.append(write_pdf(folder / "催收办法.pdf", RULES))
    for paper in papers:
        library.put(paper, read_document(paper), "2026-11-26")
    services = build_services(settings)
    return House(create_app(settings, services), services, settings)


def citation(source: str, quote_at: tuple[int, int] | None = None) -> Citation:
    return Citation(
        id=source, kind="regulation", title="题目", status="current", status_label="现行", quote_at=quote_at
    )


def passage(house: House, document: str, words: str) -> str:
    """The id of the passage of a document that has these words."""
    pieces = Library(house.settings.data / "documents").pieces()
    return next(p.id for p in pieces if p.document == document and words in p.text)


def marked(page: str) -> list[str]:
    return re.findall(r"<mark>(.*?)</mark>", page, re.S)


def test_cited_clause_is_marked(house: House) -> None:
    """The link of a real answer opens without a login: title, law, status, version, and just the quoted words marked."""
    asked = house.visitor().post("/api/v1/ask", json={"question": "客户欠费多久可以停电？"}, headers=TOKEN)
    cited = asked.json()["citations"][0]
    cited.pop("article_label")

    answer = house.visitor().get(house.links().citation(Citation.model_validate(cited)))

    assert 200 == answer.status_code
    assert [cited["quote"]] == marked(answer.text)
    for words in (
        cited["title"],
        f"《{cited['law']}》第三十九条",
        ">现行<",
        f"{cited['version']} 版",
        "该这么做",
    ):
        assert words in answer.text


@pytest.mark.parametrize("quote_at", [(2, 7), (0, 400), (5, 4), None])
def test_only_quoted_words_are_marked(house: House, quote_at: tuple[int, int] | None) -> None:
    """A place within the clause is marked alone; one that no longer fits the card marks the card's own quote."""
    source = house.services.source("fc-over-30-days")
    assert source is not None
    text = source["sections"][0]["text"]

    page = house.visitor().get(house.links().citation(citation("fc-over-30-days", quote_at))).text

    assert [text[2:7] if quote_at == (2, 7) else text[2:26]] == marked(page)


def test_every_source_can_be_read(house: House) -> None:
    """Each card, case and question of knowledge/ opens with its title, its status in words, its parts and its source."""
    knowledge = load_knowledge(house.settings.knowledge)
    visitor, links, labels = house.visitor(), house.links(), set()

    for source_id in (*knowledge.cards, *knowledge.cases, *knowledge.faqs):
        source = house.services.source(source_id)
        page = visitor.get(links.citation(citation(source_id))).text
        assert source is not None
        assert f"<h1>{source['title']}</h1>" in page and f">{source['status_label']}<" in page
        assert f"出处：{source['source']}" in page and f"核对于 {source['reviewed_on']}" in page
        for section in source["sections"]:
            assert (
                section["heading"] == "提醒"
                or section["heading"] in page
                or not section.get("items", section.get("text"))
            )
        labels.add(source["status_label"])

    assert {"现行", "二手资料", "公司规定", "案例", "问答"} <= labels


def test_second_hand_is_said_first(house: House) -> None:
    """That a card is not the law's own words stands above everything it says; a law's own words carry no such line."""
    cards = load_knowledge(house.settings.knowledge).cards
    visitor, links = house.visitor(), house.links()

    for status in ("second_hand", "company_rule"):
        page = visitor.get(
            links.citation(citation(next(i for i, c in cards.items() if c.status == status)))
        ).text
        assert 1 == page.count("这条不是法律原文，以本公司、当地现行文件为准。")
        assert page.index("这条不是法律原文") < page.index("<h2>")
    assert "这条不是法律原文" not in visitor.get(links.citation(citation("fc-over-30-days"))).text


def test_passage_of_document_opens(house: House) -> None:
    """A passage of the firm's own paper is marked among its neighbours, telephone numbers covered, its name harmless."""
    source = passage(house, "催费<b>细则.docx", "催收专责")

    page = house.visitor().get(house.links().citation(citation(source))).text

    assert "单位文件" in page and "收入于 2026-11-26" in page
    assert ["第四条"] == [words[:3] for words in marked(page)]
    assert "13800138000" not in page and "<b>" not in page and "催费&lt;b&gt;细则" in page
    assert "<img" not in page


@needs_font
def test_page_of_document_is_shown(house: House) -> None:
    """A passage of a PDF shows the picture of its page, which opens with the same link and no other page does."""
    address = house.links().citation(citation(passage(house, "催收办法.pdf", "两人同行")))
    visitor = house.visitor()

    shown = re.findall(r'<img src="([^"]+)"', visitor.get(address).text)

    assert [f"{address}/1.png"] == shown
    picture = visitor.get(shown[0])
    assert (200, "image/png") == (picture.status_code, picture.headers["content-type"])
    assert picture.content.startswith(b"\x89PNG")
    for page in ("2", "0", "9" * 30):
        assert 410 == visitor.get(f"{address}/{page}.png").status_code
    assert 410 == visitor.get(f"{house.links().citation(citation('fc-over-30-days'))}/1.png").status_code


@pytest.mark.parametrize("place", ["c", "continue"])
@pytest.mark.parametrize(
    "token",
    ["x", "fc-over-30-days", "fc-over-30-days.2-26.awlX6A.kTdSX2A3gez7LkFn", "<script>alert(1)</script>",
     "%00", "%ff%fe", "..%2f..%2fsecret.key", "电费", ".", "a.b.c.d", "a" * 5000],
)  # fmt: skip
def test_made_up_link_gets_kind_page(house: House, place: str, token: str) -> None:
    """A link that was not made here gets a small page that says what to do, and nothing of what was typed."""
    visitor = house.visitor()

    answers = [visitor.get(f"/{place}/{token}")]
    if place == "continue":
        answers.append(visitor.post(f"/{place}/{token}"))

    for answer in answers:
        assert answer.status_code in (404, 410) and "set-cookie" not in answer.headers
        assert "alert" not in answer.text
        if answer.status_code == 410:
            assert "打不开了" in answer.text and "回到聊天里再点一次" in answer.text


def test_old_and_vanished_get_kind_page(house: House) -> None:
    """A link of last month and one whose card was taken out say so, and where to ask again."""
    old = house.links(lambda: time.time() - CITATION_S - 1)
    visitor = house.visitor()

    expired = visitor.get(old.citation(citation("fc-over-30-days")))
    vanished = visitor.get(house.links().citation(citation("no-such-card")))

    assert [410, 410] == [expired.status_code, vanished.status_code]
    assert "过期" in expired.text and "再问一次" in expired.text
    assert "不在了" in vanished.text and "再问一次" in vanished.text


def test_damaged_library_is_no_stack_trace(tmp_path: Path) -> None:
    """When the taken-in documents are damaged the reader gets a page with a remedy, not the administrator's words."""
    settings = Settings(data_dir=str(tmp_path))
    library = Library(settings.data / "documents")
    paper = write_docx(tmp_path / "办法.docx", RULES)
    library.put(paper, read_document(paper), "2026-11-26")
    source = library.pieces()[0].id
    services = build_services(settings)
    sessions = Sessions(settings)
    links = Links(sessions.secret, "", services.shared)
    app = FastAPI()
    app.include_router(build_citation_page(services, links, sessions))
    for file in (settings.data / "documents").rglob("pieces.json"):
        file.write_text("坏了", encoding="utf-8")

    answer = TestClient(app).get(links.citation(citation(source)))

    assert 503 == answer.status_code
    assert "现在打不开" in answer.text and "告诉管理员" in answer.text and "ingest" not in answer.text


def test_page_leaves_no_trace(house: House) -> None:
    """A citation sets no cookie, is kept nowhere, found by no search, tells no other site, and runs no script."""
    address = house.links().citation(citation("fc-over-30-days"))

    answer = house.visitor().get(address)

    headers = answer.headers
    assert "set-cookie" not in headers
    assert "no-store" in headers["cache-control"] and "noindex" == headers["x-robots-tag"]
    assert "no-referrer" == headers["referrer-policy"]
    assert "script-src 'self'" in headers["content-security-policy"]
    for unwanted in ("<script", "style=", " on", "http://", "https://"):
        assert unwanted not in answer.text.split("<main>")[0]
    assert "<script" not in answer.text


@pytest.fixture
def conversation(house: House) -> Iterator[str]:
    """A conversation in which one question was asked."""
    asked = house.visitor().post(
        "/api/v1/ask", json={"question": "停电要提前几天通知？", "conversation": "wecom-1"}, headers=TOKEN
    )
    assert 200 == asked.status_code
    yield "api-wecom-1"


def said(visitor: TestClient) -> list[Any]:
    return [e["text"] for e in visitor.get("/api/v1/history").json()["entries"] if e["role"] == "user"]


def test_link_goes_on_in_widget(house: House, conversation: str) -> None:
    """One tap on the page, and the browser is in the widget, in the conversation of the chat."""
    address, visitor = house.links().one_time(conversation), house.visitor()
    page = visitor.get(address)
    assert '<form method="post">' in page.text and "set-cookie" not in page.headers

    went = visitor.post(address)

    assert (303, "/") == (went.status_code, went.headers["location"])
    assert "httponly" in went.headers["set-cookie"].lower() and "lax" in went.headers["set-cookie"].lower()
    assert "停电要提前几天通知？" in said(visitor)
    assert conversation == visitor.get("/api/v1/session").json()["conversation"]


def test_looking_does_not_spend(house: House, conversation: str) -> None:
    """A chat app that fetches the link three times first spoils nothing; after the tap nobody else gets in."""
    address = house.links().one_time(conversation)
    for _ in range(3):
        assert 200 == house.visitor().get(address).status_code
    first, second = house.visitor(), house.visitor()

    assert 303 == first.post(address).status_code
    for answer in (second.get(address), second.post(address)):
        assert 410 == answer.status_code and "用过了" in answer.text and "set-cookie" not in answer.headers


def test_late_tap_is_refused(house: House, conversation: str) -> None:
    """Ten minutes later the link says how to get another."""
    old = house.links(lambda: time.time() - ONE_TIME_S - 1)

    answer = house.visitor().post(old.one_time(conversation))

    assert 410 == answer.status_code and "再说一次“网页”" in answer.text


def test_other_site_cannot_hand_over(house: House, conversation: str) -> None:
    """A page elsewhere cannot push somebody's browser into a conversation; the link stays good for its owner."""
    address = house.links().one_time(conversation)

    pushed = house.visitor().post(address, headers={"Sec-Fetch-Site": "cross-site"})

    assert 410 == pushed.status_code and "set-cookie" not in pushed.headers
    assert 303 == house.visitor().post(address, headers={"Sec-Fetch-Site": "same-origin"}).status_code


def test_own_conversation_is_not_lost_unsaid(house: House, conversation: str) -> None:
    """Who already has a conversation in this browser is told before it is replaced; others read nothing of it."""
    fresh, known = house.visitor(), house.visitor()
    known.get("/api/v1/session")
    assert COOKIE in known.cookies
    address = house.links().one_time(conversation)

    assert "原来有一段网页对话" in known.get(address).text
    assert "原来有一段网页对话" not in fresh.get(address).text
    known.post(address)
    assert "原来有一段网页对话" not in known.get(house.links().one_time(conversation)).text
