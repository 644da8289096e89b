"""The pages that chats open, in a real browser with scripts off, at the width of a phone, by day and by night."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from bot.channels.chat.links import Links
from bot.channels.web.app import create_app
from bot.channels.web.sessions import Sessions
from bot.content.loader import load_knowledge
from bot.messages import Citation
from bot.retrieval.ingestion.library import Library
from bot.retrieval.ingestion.reading import read_document
from bot.services import Services, build_services
from bot.settings import Settings
from tests.conftest import ROOT, free_port
from tests.retrieval.ingestion.documents import RULES, chinese_font, write_docx, write_pdf

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = Path(os.environ.get("ANXUN_SHOTS", ROOT / "var" / "shots"))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium：apt-get install -y chromium 后再跑这几项"),
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
CONTRAST = """() => {
  const numbers = (c) => c.match(/[0-9.]+/g).map(Number);
  const light = (c) => numbers(c).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (!c.startsWith("rgba") || numbers(c)[3] > 0) return c;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("h1, h2, p, p > *, li, figcaption, button")].map((e) => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}"""


@dataclass
class Site:
    """The app without Rasa, on a port of its own, with two documents taken in."""

    url: str
    services: Services
    links: Links
    library: Library

    def cite(self, source: str) -> str:
        return self.links.citation(
            Citation(id=source, kind="regulation", title="题目", status="current", status_label="现行")
        )

    def size(self, source: str) -> int:
        found = self.services.source(source) or {"sections": []}
        return sum(len(s.get("text", "")) + sum(map(len, s.get("items", []))) for s in found["sections"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    settings = Settings(data_dir=str(folder / "var"), port=str(port))
    library = Library(settings.data / "documents")
    papers = [write_docx(folder / "催费细则.docx", RULES)]
    if chinese_font():
        papers.append(write_pdf(folder / "电费催收管理办法（二〇二六年修订，全市各供电所适用）.pdf", RULES))
    for paper in papers:
        library.put(paper, read_document(paper), "2026-11-26")
    services = build_services(settings)
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings, services), port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(f"{url}/healthz", trust_env=False)
            break
        except httpx.TransportError:
            time.sleep(0.02)
    yield Site(url, services, Links(Sessions(settings).secret, url, services.shared), library)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def opened(browser: sync_api.Browser, address: str, width: int, dark: bool, name: str) -> Any:
    """The page with scripts off; its picture goes to the folder of pictures."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=False,
    )
    page = context.new_page()
    page.goto(address)
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}{'-dark' if dark else ''}.png", full_page=True)
    return page


def chosen(site: Site, which: str) -> str:
    knowledge = load_knowledge(Settings().knowledge)
    everything = [*knowledge.cards, *knowledge.cases, *knowledge.faqs]
    return {
        "card": lambda: "fc-over-30-days",
        "longest": lambda: max(everything, key=site.size),
        "shortest": lambda: min(everything, key=site.size),
        "longest-law": lambda: max(knowledge.cards, key=site.size),
        "rule": lambda: next(i for i, c in knowledge.cards.items() if c.status == "second_hand"),
        "document": lambda: max(site.library.pieces(), key=lambda p: (len(p.pages), "两人同行" in p.text)).id,
    }[which]()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 360, 430])
@pytest.mark.parametrize("which", ["card", "longest", "shortest", "longest-law", "rule", "document"])
def test_page_fits_phone(site: Site, browser: sync_api.Browser, which: str, width: int, dark: bool) -> None:
    """Nothing sticks out sideways, words are large and stand out, and the title is what one sees first."""
    page = opened(browser, site.cite(chosen(site, which)), width, dark, f"citation-{which}")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").bounding_box()["y"] < 40 and page.locator(".pill").is_visible()
    sizes = page.locator("section p, li").evaluate_all(
        "all => all.map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert sizes and min(sizes) >= 16
    contrasts = page.evaluate(CONTRAST)
    assert len(contrasts) > 5 and min(contrasts) >= 4.5
    page.context.close()


def test_marked_words_are_on_first_screen(site: Site, browser: sync_api.Browser) -> None:
    """Whoever opens the law sees the quoted words at once, in another colour than the rest."""
    page = opened(browser, site.cite("fc-over-30-days"), 360, False, "citation-first")

    mark = page.locator("mark")
    assert mark.bounding_box()["y"] + mark.bounding_box()["height"] < 800
    assert mark.evaluate("e => getComputedStyle(e).backgroundColor") != page.evaluate(
        "getComputedStyle(document.body).backgroundColor"
    )
    page.context.close()


@pytest.mark.skipif(chinese_font() is None, reason="没有中文字体")
def test_page_of_document_enlarges(site: Site, browser: sync_api.Browser) -> None:
    """The picture of a PDF's page is as wide as the phone, and one tap shows it alone, to be enlarged."""
    page = opened(browser, site.cite(chosen(site, "document")), 360, False, "citation-pdf")
    picture = page.locator("img").first

    assert picture.evaluate("e => e.complete && e.naturalWidth") >= 1000
    picture.click()
    page.wait_for_url("**/1.png")
    page.context.close()


@pytest.mark.parametrize("dark", [False, True])
def test_door_into_widget_takes_one_tap(site: Site, browser: sync_api.Browser, dark: bool) -> None:
    """The door is one large button; after it the link says that it was used."""
    address = site.links.one_time("api-7")
    page = opened(browser, address, 360, dark, "continue")
    button = page.get_by_role("button", name="接着聊")

    assert button.bounding_box()["height"] >= 44 and button.bounding_box()["y"] < 500
    assert min(page.evaluate(CONTRAST)) >= 4.5
    button.click()
    page.wait_for_url(f"{site.url}/")
    page.goto(address)
    page.screenshot(path=SHOTS / f"used-360{'-dark' if dark else ''}.png")
    assert page.get_by_text("用过了").is_visible() and min(page.evaluate(CONTRAST)) >= 4.5
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.close()
