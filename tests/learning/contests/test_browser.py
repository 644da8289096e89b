"""A host, two players and the big screen in a real browser: what each of them sees, from joining to the result sheet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.learning.contests.moment import Command, question_of
from tests.conftest import ROOT
from tests.learning.contests.site import Site
from tests.learning.contests.stage import a_round, script
from tests.learning.factory import person

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = Path(os.environ.get("ANXUN_SHOTS", ROOT / "var" / "shots"))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium：apt-get install -y chromium 后再跑这几项"),
]
SCRIPTS = {"test-match": script(a_round("required", 1), a_round("buzzer", 2, wrong=5), guests=True)}
WIDTHS = (320, 360, 768, 1440)
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@dataclass
class Theatre:
    site: Site
    url: str
    browser: Any

    def opens(self, cookie: str, path: str, width: int = 360, dark: bool = False) -> Any:
        context = self.browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        name, value = cookie.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": self.url}])
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(self.url + path)
        return page


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    site = Site(tmp_path_factory.mktemp("site"), SCRIPTS)
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with site.serving() as url, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield Theatre(site, url, browser)
        browser.close()


def says(page: Any, words: str, place: str = "#status") -> None:
    sync_api.expect(page.locator(place)).to_contain_text(words)


def test_contest_in_four_browsers(theatre: Theatre) -> None:
    """Opened by a trainer, joined by a code, an early press, a buzz, a correction, and the sheet at the end."""
    site = theatre.site
    host = theatre.opens(site.host, "/contest", 1440)
    host.click("button:has-text('开这一场')")
    says(host, "等大家加入")
    contest = host.url.rsplit("/", 1)[1]
    live = site.learning.contests.floor.find(contest)
    assert live is not None
    zhou = theatre.opens(site.browser(person("1001", "周敏")), "/contest")
    zhou.fill("#code", live.record.code)
    zhou.click("button:has-text('加入')")
    says(zhou, "等主持人开始")
    guest = theatre.opens(site.browser(), f"/contest/join/{live.record.code}")
    guest.fill("#name", "小李")
    guest.click("button:has-text('加入')")
    screen = theatre.opens(site.browser(), f"/contest/screen/{contest}", 1440, dark=True)
    says(screen, "已到 2 人")
    says(screen, live.record.code, "#lobby")

    host.click("#moves button:has-text('开始')")
    host.click("#moves button:has-text('出题')")
    says(zhou, "请作答")
    assert "先核实，再答复" not in zhou.content() + screen.content() + guest.content()
    zhou.click("#answers button:has-text('先核实')")
    guest.click("#answers button:has-text('先挂电话')")
    says(zhou, "您答对了，+10 分")
    says(guest, "没答对")
    says(screen, "先核实（对）", "#options")

    host.click("#moves button:has-text('往下走')")
    host.click("#moves button:has-text('出题')")
    says(guest, "先别按")
    guest.click("#buzz")
    says(guest, "抢早了", "#told")
    host.click("#moves button:has-text('开始抢答')")
    says(zhou, "开始抢答")
    zhou.keyboard.press("Space")
    says(zhou, "轮到您答")
    says(screen, "周敏 抢到了")
    question = question_of(live.plan, live.state.question)
    assert question is not None
    zhou.click("#answers button:has-text('先挂电话')")
    says(zhou, "没答对，-5 分")
    host.locator("#rulings summary", has_text="周敏").first.click()
    host.locator("#rulings input").first.fill("题干有歧义")
    host.locator("#rulings button:has-text('改判为对')").first.click()
    says(host, "更正了，+15 分", "#told")
    says(screen, "20", "#ranking li:first-child")

    host.on("dialog", lambda dialog: dialog.accept())
    host.click("#others button:has-text('提前结束')")
    says(zhou, "第 1 名")
    zhou.click("#result")
    assert "周敏" in zhou.text_content("main") and "20" in zhou.text_content("main")
    host.goto(f"{theatre.url}/contest/result/{contest}")
    with host.expect_download() as kept:
        host.click("text=下载 Excel")
    assert kept.value.suggested_filename.endswith(".xlsx")


@pytest.mark.parametrize("dark", [False, True])
def test_pages_fit_every_width(theatre: Theatre, dark: bool) -> None:
    """Nothing scrolls sideways from 320 px on, and the buzzer is no less than 72 px wide, by day and by night."""
    site, floor = theatre.site, theatre.site.learning.contests.floor
    contest = site.open()
    cookie = site.browser(person("1002", "欧阳长名字大哥"))
    now = site.learning.clock()
    steps = ("begin", "next", "close", "next", "next")
    floor.act(contest, [Command("join", "1002", now, False, {"name": "欧阳长名字大哥"})])
    floor.act(contest, [Command(do, "9001", now, True) for do in steps])  # type: ignore[arg-type]
    SHOTS.mkdir(parents=True, exist_ok=True)
    for role, who in (("play", cookie), ("host", site.host), ("screen", cookie), ("result", site.host)):
        page = theatre.opens(who, f"/contest/{role}/{contest}", dark=dark)
        if role != "result":
            sync_api.expect(page.locator("#status")).not_to_contain_text("正在连上")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(
                path=SHOTS / f"contest-{role}-{width}{'-dark' if dark else ''}.png", full_page=True
            )
            assert page.evaluate(FITS), (role, width)
            if role == "play":
                assert page.locator("#buzz").bounding_box()["width"] >= 72
        page.context.close()


def test_phone_takes_up_again(theatre: Theatre) -> None:
    """A phone that was offline says so in words, and shows where the contest is when it comes back."""
    site, floor = theatre.site, theatre.site.learning.contests.floor
    contest, now = site.open(), site.learning.clock()
    cookie = site.browser(person("1003", "赵刚"))
    floor.act(contest, [Command("join", "1003", now, False, {"name": "赵刚"})])
    page = theatre.opens(cookie, f"/contest/play/{contest}")
    says(page, "等主持人开始")
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    floor.act(contest, [Command(do, "9001", now, True) for do in ("begin", "next")])  # type: ignore[arg-type]
    page.context.set_offline(False)

    says(page, "请作答")
