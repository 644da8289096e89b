"""The games of attention, played by keyboard in a real browser, and kept for the player alone."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from bot.launcher import free_port
from tests.console.house import AppHouse, app_house
from tests.learning.factory import person


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> AppHouse:
    return app_house(tmp_path_factory.mktemp("games"))


@pytest.fixture
def served(house: AppHouse) -> Iterator[str]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(house.app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        pass
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="没有 Chromium：apt-get install -y chromium")
def test_game_is_played_by_keyboard(house: AppHouse, served: str) -> None:
    """Whoever presses as the sign says gets everything right, with a time that a person can have."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        # The page's own policy forbids the strings that Playwright waits with.
        context = browser.new_context(viewport={"width": 360, "height": 800}, bypass_csp=True)
        page = context.new_page()
        page.goto(f"{served}/games?trials=10")
        page.click("[data-game=word]")
        for _ in range(10):
            page.wait_for_function(
                "document.getElementById('sign').textContent !== '·' && document.getElementById('sign').textContent"
            )
            page.wait_for_timeout(300)
            page.keyboard.press("ArrowUp" if page.inner_text("#sign") == "上" else "ArrowDown")
            page.wait_for_function(
                "document.getElementById('sign').textContent === '·' || document.getElementById('stage').hidden"
            )
        page.wait_for_function("document.getElementById('result').textContent")
        said = page.inner_text("#result")
        browser.close()

    right = re.match(r"对了 (\d+)%，中间那一下 \d+ 毫秒", said)
    assert right and int(right[1]) >= 70, f"a slow machine may miss a sign or two, not more: {said}"
    (event,) = house.services.learning.records.store.since(house.clock.time, ["game.played"])
    assert 150 <= event.details["median_ms"] <= 1100


def test_run_is_kept_for_its_player(house: AppHouse) -> None:
    """My last runs are on my page, and on nobody else's."""
    trials = [{"wanted": "go", "pressed": "go", "ms": 777.0} for _ in range(12)]
    mine, other = house.browser(person("g1", "甲")), house.browser(person("g2", "乙", role="manager"))
    mine.post("/games/run", json={"game": "go", "trials": trials})

    assert "777 毫秒" in mine.get("/games").text and "777" not in other.get("/games").text
    assert 422 == mine.post("/games/run", json={"game": "go", "trials": trials[:2]}).status_code


def test_work_order_is_looked_through(house: AppHouse) -> None:
    """Without any script: what was found, missed and wrongly suspected, with reasons; a made-up line is no line."""
    mine = house.browser(person("g3", "丙"))
    order = next(iter(house.services.learning.games.values()))
    faulty = [str(n) for n, line in enumerate(order.lines) if line.faulty]
    good = next(str(n) for n, line in enumerate(order.lines) if not line.faulty)

    assert all(
        line.why not in mine.get(f"/games/order/{order.id}").text for line in order.lines if line.faulty
    )
    page = mine.post(f"/games/order/{order.id}", data={"line": [*faulty[1:], good, "99", "-1", "x"]}).text
    assert f"找出 {len(faulty) - 1} 处，漏了 1 处，冤枉了 1 处" in page and "这行没毛病" in page
    whole = mine.post(f"/games/order/{order.id}", data={"line": faulty}).text
    assert "一处没漏，一处没冤枉" in whole and "上回 100%" in mine.get("/games").text
    assert 404 == mine.get("/games/order/none").status_code
