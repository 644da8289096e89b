"""The served page in a real browser, with the whole bot behind it: what a visitor does and sees."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, RunningBot

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = Path(os.environ.get("ANXUN_SHOTS", ROOT / "var" / "shots"))
pytestmark = [
    pytest.mark.engine,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium：apt-get install -y chromium 后再跑这几项"),
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1440, "height": 900}
REPLIES = (
    "您先消消气，这事搁谁身上都着急。您慢慢说，我听着。",
    "您是说这笔钱对不上，对吧？我现在就查您家的记录，十分钟内给您回话。",
    "您看两个办法：今天先交一部分，或者我先登记核实，您觉得哪个方便？",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One browser window with the page open; every console error fails the test."""

    def __init__(self, browser: sync_api.Browser, url: str, size: dict[str, int], dark: bool = False) -> None:
        self.context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light")
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.goto(url)
        self.page.get_by_label("输入要问的或要说的话").wait_for()
        self.page.locator(".hello, .me").first.wait_for()

    def say(self, text: str, answer: str) -> sync_api.Locator:
        """Type and send; wait for one more element like `answer`; return the newest."""
        before = self.page.locator(answer).count()
        self.page.get_by_label("输入要问的或要说的话").fill(text)
        self.page.keyboard.press("Enter")
        found = self.page.locator(answer)
        found.nth(before).wait_for()
        self.page.locator(".typing").wait_for(state="detached")
        return found.last

    def shoot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")


@pytest.fixture
def visit(browser: sync_api.Browser, bot: RunningBot) -> Iterator[object]:
    opened: list[Visitor] = []

    def go(size: dict[str, int] = DESK, dark: bool = False) -> Visitor:
        opened.append(Visitor(browser, bot.url, size, dark))
        return opened[-1]

    yield go
    for visitor in opened:
        visitor.context.close()
        assert visitor.errors == []


@pytest.mark.parametrize(("size", "dark"), [(PHONE, False), (DESK, False), (PHONE, True)])
def test_question_shows_clause(visit: object, size: dict[str, int], dark: bool) -> None:
    """A question gets its answer; the citation opens with the quoted clause marked, and closes back to where one was."""
    visitor = visit(size, dark)  # type: ignore[operator]
    page = visitor.page
    name = f"{'phone' if size is PHONE else 'desk'}{'-dark' if dark else ''}"
    visitor.shoot(f"start-{name}")
    visitor.say("客户欠费多久可以停电？", ".answer")
    visitor.shoot(f"answer-{name}")

    cite = page.locator("button.cite").first
    cite.click()
    page.locator("dialog[open] .sheet").wait_for()
    visitor.shoot(f"citation-{name}")
    assert page.locator("dialog mark").first.inner_text()
    assert page.locator("dialog .pill").first.inner_text() in ("现行", "二手资料", "公司规定", "已被取代")

    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    assert cite.evaluate("e => e.getRootNode().activeElement === e")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_three_turns_reach_score_card(visit: object, size: dict[str, int]) -> None:
    """Three turns show their feedback and the customer's mood; the end shows the curve and the score."""
    visitor = visit(size)  # type: ignore[operator]
    page = visitor.page
    name = "phone" if size is PHONE else "desk"
    visitor.say("开始练习", ".call")
    visitor.shoot(f"practice-start-{name}")
    for number, reply in enumerate(REPLIES, 1):
        if page.locator(".score").count() == 0:
            visitor.say(reply, ".feedback")
            visitor.shoot(f"turn-{number}-{name}")
    if page.locator(".score").count() == 0:
        page.get_by_role("button", name="结束", exact=True).click()
    page.locator(".score").wait_for()
    page.locator(".typing").wait_for(state="detached")
    visitor.shoot(f"score-{name}")

    assert page.locator(".score svg.curve .point").count() == page.locator(".feedback").count() + 1
    page.locator(".score svg.curve .point").nth(1).focus()
    assert REPLIES[0] in page.locator(".score .said").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_reload_keeps_conversation(visit: object) -> None:
    """After a reload everything that was said is there again, the running practice included."""
    visitor = visit()  # type: ignore[operator]
    visitor.say("开始练习", ".call")
    visitor.say(REPLIES[0], ".feedback")

    visitor.page.reload()

    visitor.page.locator(".feedback").wait_for()
    assert visitor.page.get_by_text("练习中").is_visible()
    assert 1 == visitor.page.locator(".feedback").count()


def test_markup_stays_text(visit: object) -> None:
    """HTML that somebody types is shown as the characters it is."""
    visitor = visit()  # type: ignore[operator]
    visitor.page.evaluate("window.hacked = false")

    visitor.say('<img src=x onerror="window.hacked=true"><script>window.hacked=true</script>', ".bot")

    assert "<img src=x" in visitor.page.locator(".me").last.inner_text()
    assert visitor.page.evaluate("window.hacked") is False


def test_enter_twice_sends_once(visit: object, bot: RunningBot) -> None:
    """An impatient second Enter sends nothing twice."""
    visitor = visit()  # type: ignore[operator]
    box = visitor.page.get_by_label("输入要问的或要说的话")
    box.fill("停电要提前几天通知？")
    box.press("Enter")
    box.press("Enter")

    visitor.page.locator(".answer").wait_for()

    assert 1 == visitor.page.locator(".me").count()


def test_composing_enter_does_not_send(visit: object) -> None:
    """Enter that picks a word from an input method belongs to the input method."""
    visitor = visit()  # type: ignore[operator]
    box = visitor.page.get_by_label("输入要问的或要说的话")
    box.fill("停电")
    box.evaluate(
        "e => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )

    assert 0 == visitor.page.locator(".me").count()


def test_narrow_phone_fits(visit: object) -> None:
    """At 320 pixels nothing sticks out sideways and every button is large enough for a thumb."""
    visitor = visit({"width": 320, "height": 640})  # type: ignore[operator]
    visitor.say("客户说电表走得快怎么办？", ".answer")

    assert visitor.page.evaluate("document.documentElement.scrollWidth <= 320")
    heights = visitor.page.locator("anxun-chat button:visible").evaluate_all(
        "b => b.map(x => x.offsetHeight)"
    )
    assert min(heights) >= 44


def test_lost_connection_sends_later(visit: object) -> None:
    """A message written while the connection is gone is kept, said so, and sent once when it is back."""
    visitor = visit()  # type: ignore[operator]
    visitor.context.set_offline(True)
    visitor.page.get_by_label("输入要问的或要说的话").fill("停电要提前几天通知？")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("连不上服务").wait_for()

    visitor.context.set_offline(False)

    visitor.page.locator(".answer").wait_for(timeout=20_000)
    assert 1 == visitor.page.locator(".me").count()
    visitor.errors.clear()  # the browser reports the lost requests themselves
