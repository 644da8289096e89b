"""The page a citation opens: readable without login or script, for whoever has the link, and for nobody else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.channels.chat.links import Links
from bot.channels.web.citation_page import build_citation_page
from bot.channels.web.sessions import COOKIE, Sessions
from bot.content.loader import Knowledge, read_knowledge
from bot.messages import Citation
from bot.settings import ROOT, Settings
from bot.sources import open_source
from bot.stores.database import open_database
from bot.stores.shared import SharedStore


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read_knowledge(ROOT / "knowledge")[0]


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links("s" * 40, "http://testserver", SharedStore(open_database(f"sqlite:///{tmp_path / 'a.db'}")))


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(Settings.read({"ANXUN_DATA_DIR": str(tmp_path), "ANXUN_API_TOKEN": "geheim"}))


@pytest.fixture
def client(knowledge: Knowledge, links: Links, sessions: Sessions) -> TestClient:
    odd = {
        "id": "odd", "kind": "document", "title": "<script>alert(1)</script>", "law": None, "article_label": "",
        "status": "unverified", "status_label": "单位文件", "effective": None, "version": None, "source": "本单位",
        "reviewed_on": "2026-11-01", "pictures": [1],
        "sections": [{"heading": "原文", "text": "甲<b>乙</b>丙", "law": False, "marks": [[1, 4], [3, 2], [90, 99]]}],
    }  # fmt: skip

    def source(source_id: str) -> dict[str, Any] | None:
        return odd if source_id == "odd" else open_source(knowledge, source_id)

    services = SimpleNamespace(source=source, source_page=lambda _id, _page: b"\x89PNG")
    app = FastAPI()
    app.include_router(build_citation_page(services, links, sessions))  # type: ignore[arg-type]
    return TestClient(app, follow_redirects=False)


def link(links: Links, source_id: str) -> str:
    fields = {
        "id": source_id,
        "kind": "regulation",
        "title": "x",
        "status": "current",
        "status_label": "现行",
    }
    return links.citation(Citation.model_validate(fields))


def test_every_card_case_and_answer_has_a_page(
    client: TestClient, links: Links, knowledge: Knowledge
) -> None:
    """Nothing that can be cited opens on an error, and each page names its title and its status."""
    for source_id in [*knowledge.cards, *knowledge.cases, *knowledge.faqs]:
        page = client.get(link(links, source_id))
        source = open_source(knowledge, source_id)

        assert source is not None and 200 == page.status_code, source_id
        assert source["status_label"] in page.text and "<h2>" in page.text, source_id


def test_quoted_words_are_marked_in_the_clause(
    client: TestClient, links: Links, knowledge: Knowledge
) -> None:
    """The reader's eye finds what the answer rests on."""
    card = next(card for card in knowledge.cards.values() if card.quote)
    page = client.get(link(links, card.id))

    assert "<mark>" in page.text and f"《{card.law}》" in page.text


def test_page_needs_no_script_and_no_login(client: TestClient, links: Links, knowledge: Knowledge) -> None:
    """No token, no cookie, nothing kept by whoever stands between."""
    page = client.get(link(links, next(iter(knowledge.cards))))

    assert "<script" not in page.text and "style=" not in page.text
    assert "set-cookie" not in page.headers and "no-store" in page.headers["cache-control"]


def test_what_a_document_holds_is_text(client: TestClient, links: Links) -> None:
    """Markup in somebody's file is shown, not obeyed; strange marks harm nothing; its picture is there."""
    url = link(links, "odd")
    page = client.get(url)

    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text
    assert "甲<mark>&lt;b&gt;</mark>乙&lt;/b&gt;丙" in page.text
    assert b"\x89PNG" == client.get(f"{url}/1.png").content


@pytest.mark.parametrize("path", ["/c/nonsense", "/c/nonsense/1.png", "/continue/nonsense"])
def test_bad_link_is_answered_kindly(client: TestClient, path: str) -> None:
    """Whoever has a broken link is told where to get a good one."""
    page = client.get(path)

    assert 410 == page.status_code and "再" in page.text and "nonsense" not in page.text


def test_card_that_is_gone_says_so(client: TestClient, links: Links) -> None:
    """A link may outlive its card."""
    assert 410 == client.get(link(links, "no-such-card")).status_code


def test_going_on_in_the_widget_takes_one_tap(client: TestClient, links: Links, sessions: Sessions) -> None:
    """Looking at the link spends nothing; the tap hands over the conversation; a second tap does not."""
    url = links.one_time("wecom-0123")
    looked = [client.get(url) for _ in range(3)]
    gone = client.post(url)

    assert all(one.status_code == 200 and COOKIE not in one.cookies for one in looked)
    assert (303, "/") == (gone.status_code, gone.headers["location"])
    request = SimpleNamespace(cookies={COOKIE: gone.cookies[COOKIE]})
    assert "wecom-0123" == sessions.of_browser(request)  # type: ignore[arg-type]
    assert 410 == client.post(url).status_code
