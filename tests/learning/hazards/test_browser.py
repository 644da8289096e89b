"""The pages of hazards, points and rotation in a real browser with scripts off, at the width of a phone, by day and night."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import uvicorn

from bot.channels.web.sessions import COOKIE, Sessions
from bot.desks.hazard_office import Report
from bot.stores.learning.people import Account
from bot.stores.learning.rotation import NewRotation
from tests.conftest import free_port
from tests.e2e.test_citation_page import CONTRAST, FLAGS
from tests.learning.factory import person
from tests.learning.hazards.shared import shared_house
from tests.learning.hazards.test_rules import photo

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium：apt-get install -y chromium 后再跑这几项"),
]
LONG = "自助机旁边贴了一张来路不明的收款码，路过的客户已经有人扫了，屏幕上写着“系统升级期间请扫此码缴费”"
SMALL = """() => [...document.querySelectorAll("main a.button, main button, main input, main select, main summary")]
  .filter((e) => e.offsetHeight > 0 && e.offsetHeight < 44 && !["radio", "checkbox", "hidden"].includes(e.type))
  .map((e) => e.tagName + e.textContent)"""


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, str, dict[str, str]]]:
    """(address, a manager's cookie, pages by name) with a long hazard, a contested entry and a plan."""
    house, port = shared_house(), free_port()
    learning = house.services.learning
    now = learning.clock()
    manager, goer = (
        person("8501", "欧阳建国", role="manager", post="主管"),
        person("1501", "周敏", manager="8501", post="见习员"),
    )
    learning.staff.save([manager, goer, person("3501", "孙丽", department="信息", post="工程师")])
    office = learning.hazards.office
    hazard = office.report(
        Report("browser", LONG, "河口营业厅自助区", "urgent", "1501", goer), now - timedelta(hours=2)
    )
    office.add_photo(hazard, photo(), "report", now)
    learning.points.office.object_to(None, goer, "周三那次演练没记", now)
    plan = NewRotation(
        "1501", "information", "3501", now.date(), now.date() + timedelta(days=27), ("会看钓鱼邮件",), "8501"
    )
    made = learning.rotation.office.plan(plan, manager, now)
    server = uvicorn.Server(uvicorn.Config(house.app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    client = httpx.Client(base_url=url, trust_env=False)
    for _ in range(200):
        try:
            client.get("/api/v1/session")
            break
        except httpx.TransportError:
            time.sleep(0.02)
    cookie = client.cookies[COOKIE]
    learning.staff.bind(Account(str(Sessions(house.settings)._signer.loads(cookie)), "web", ""), "8501", now)
    pages = {
        "board": "/hazards", "new": "/hazards/new?anonymous=1", "hazard": f"/hazards/{hazard.id}", "figures": "/hazards/stats",
        "points": "/points", "ranking": "/points/ranking?by=department", "team": "/points/team", "rotation": "/rotation",
        "plan": f"/rotation/{made.id}",
    }  # fmt: skip
    yield url, cookie, pages
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.parametrize(("width", "dark"), [(320, False), (360, True)])
def test_pages_fit_a_phone(
    site: tuple[str, str, dict[str, str]], browser: sync_api.Browser, width: int, dark: bool
) -> None:
    """Nothing sticks out sideways, everything to press is large, and words stand out, on every page, without script."""
    url, cookie, pages = site
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=False,
    )
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": url}])
    page = context.new_page()
    for name, path in pages.items():
        assert 200 == page.goto(url + path).status, name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert [] == page.evaluate(SMALL), name
        assert min(page.evaluate(CONTRAST)) >= 4.5, name
    context.close()


def test_hazard_is_reported_without_script(
    site: tuple[str, str, dict[str, str]], browser: sync_api.Browser
) -> None:
    """Three fields and a photo, filled in and sent by a browser that runs no script, end on the hazard's own page."""
    url, cookie, _ = site
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": url}])
    page = context.new_page()
    page.goto(f"{url}/hazards/new")
    page.fill("#what", "后门被纸箱堵死了")
    page.fill("#place", "城南营业厅后门")
    page.check("input[value=serious]")
    page.set_input_files("#photo", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.get_by_role("button", name="报上去").click()

    assert "城南营业厅后门" in page.inner_text("main") and page.locator("figure img").count() == 1
    assert page.locator("figure img").evaluate("e => e.naturalWidth") == 1600
    context.close()
