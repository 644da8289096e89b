"""Courses, teams and the check page in a real browser: no sideways scrolling, big enough to touch, and without scripts."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from bot.channels.web.sessions import COOKIE
from tests.conftest import ROOT, free_port
from tests.console.house import AppHouse, app_house
from tests.learning.curricula.courses import all_done
from tests.learning.factory import person

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = Path(os.environ.get("ANXUN_SHOTS", ROOT / "var" / "shots"))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium：apt-get install -y chromium 后再跑这几项"),
]
SMALL = """() => [...document.querySelectorAll("button, .button, summary")]
  .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5).map((e) => e.textContent)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AppHouse, str, dict[str, str]]]:
    """The app on a port of its own: a learner who is late, one with a certificate, and their mentor."""
    house = app_house(tmp_path_factory.mktemp("site"))
    learning = house.services.learning
    clerk = {"post": "柜员", "trainer": "2001", "joined": date(2024, 1, 1)}
    people = [
        person("2001", "李国强", role="trainer"),
        person("1", "周敏", **clerk),
        person("2", "欧阳雨桐", **clerk),
    ]
    cookies = {one.id: str(house.browser(one).cookies[COOKIE]) for one in people}
    curricula = learning.courses.curricula
    curricula.invite(people, learning.clock())
    for event in all_done(curricula.courses["payment-trouble"], "2", learning.clock()):
        learning.records.publish(event)
    house.clock.move(days=12)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(house.app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield house, f"http://127.0.0.1:{port}", cookies
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_pages_fit_every_screen(
    site: tuple[AppHouse, str, dict[str, str]], browser: Any, width: int, scheme: str
) -> None:
    """From the smallest phone to the wall nothing scrolls sideways, and every button is big enough for a thumb."""
    house, address, cookies = site
    number = house.services.learning.courses.curricula.certificates("2")[0].number
    shown = [("1", "/learn"), ("1", "/learn/payment-trouble"), ("2001", "/team"), ("2", "/learn"), ("", f"/check/{number}"), ("", "/learn/first-week")]  # fmt: skip
    for who, path in shown:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True
        )
        if who:
            context.add_cookies([{"name": COOKIE, "value": cookies[who], "url": address}])
        page = context.new_page()
        assert 200 == page.goto(f"{address}{path}").status
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(
            path=str(SHOTS / f"course{path.replace('/', '-')[:24]}-{who}-{width}-{scheme}.png"),
            full_page=True,
        )
        assert width >= page.evaluate("document.documentElement.scrollWidth"), path
        assert [] == page.evaluate(SMALL), path
        context.close()


def test_lesson_is_read_without_scripts(site: tuple[AppHouse, str, dict[str, str]], browser: Any) -> None:
    """With scripts off the open lesson can be read and finished, and the page comes back with it done."""
    house, address, cookies = site
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    context.add_cookies([{"name": COOKIE, "value": cookies["1"], "url": address}])
    page = context.new_page()
    page.goto(f"{address}/learn/payment-trouble")
    page.locator("details[open] button:has-text('学完了')").click()

    assert page.url.endswith("#already-paid")
    assert ["lesson.read"] == [one.kind for one in house.services.learning.records.store.of("1")]
    context.close()
