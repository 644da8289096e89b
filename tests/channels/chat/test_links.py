"""Links in a chat open one page each: signed, short, running out; the way into the widget can be gone once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.chat.links import Cited, Links
from bot.errors import BadInput
from bot.messages import Citation
from bot.stores.database import open_database
from bot.stores.shared import SharedStore

SECRET_WORDS = "不该给人知道的" * 5


class Clock:
    time = 1_760_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def links(tmp_path: Path, clock: Clock) -> Links:
    store = SharedStore(open_database(f"sqlite:///{tmp_path / 'a.db'}"))
    return Links(SECRET_WORDS, "https://anxun.example.com/", store, clock)


def cited(**other: object) -> Citation:
    fields = {
        "id": "fc-notice-30-days",
        "kind": "regulation",
        "title": "催告",
        "status": "current",
        "status_label": "现行",
    }
    return Citation.model_validate(fields | other)  # fmt: skip


def token(url: str) -> str:
    return url.rsplit("/", 1)[1]


@pytest.mark.parametrize("at", [None, (0, 12), (120, 160)])
def test_link_says_which_card_and_where(links: Links, at: tuple[int, int] | None) -> None:
    """What is read back is what was linked; several links fit into one message."""
    url = links.citation(cited(quote_at=at))

    assert url.startswith("https://anxun.example.com/c/") and len(url) <= 120
    assert Cited("fc-notice-30-days", at) == links.read(token(url))


def test_link_runs_out_after_thirty_days(links: Links, clock: Clock) -> None:
    """A day before it opens, a day after it says what to do."""
    found = token(links.citation(cited()))
    clock.time += 29 * 86_400
    assert links.read(found)
    clock.time += 2 * 86_400

    with pytest.raises(BadInput, match="过期"):
        links.read(found)


def test_forged_links_open_nothing(links: Links) -> None:
    """Not one changed sign, nor a link of the other kind, nor nonsense."""
    good = token(links.citation(cited()))
    changed = [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :] for at in range(len(good) - 1)]

    for bad in [*changed, token(links.one_time("wecom-1")), "", ".", "..", "电费", good + "A", "x" * 5000]:
        with pytest.raises(BadInput):
            links.read(bad)


def test_way_into_the_widget_is_gone_once(links: Links, clock: Clock) -> None:
    """Looking spends nothing; the first to go gets the conversation, the second a kind word."""
    found = token(links.one_time("wecom-0123"))
    links.check(found)

    assert "wecom-0123" == links.spend(found)
    with pytest.raises(BadInput, match="用过"):
        links.spend(found)


def test_way_into_the_widget_is_open_ten_minutes(links: Links, clock: Clock) -> None:
    """Eleven minutes later it is shut."""
    found = token(links.one_time("wecom-0123"))
    clock.time += 660

    with pytest.raises(BadInput, match="过期"):
        links.spend(found)
