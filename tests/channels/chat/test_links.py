"""Links in a chat open one page each: signed, short, running out; the way into the widget can be gone once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.chat.links import CITATION_S, ONE_TIME_S, Cited, Links
from bot.content.loader import load_knowledge
from bot.errors import BadInput
from bot.messages import Citation
from bot.settings import Settings
from bot.stores.database import open_database
from bot.stores.shared import SharedStore
from tests.fakes.clock import Clock

SECRET_WORDS = "不该给人知道的" * 5


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


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> SharedStore:
    return SharedStore(open_database(f"sqlite:///{tmp_path_factory.mktemp('links') / 'a.db'}"))


def test_every_link_is_short(links: Links) -> None:
    """No link to anything in knowledge/, nor to a passage of a document, takes more than 120 bytes."""
    knowledge = load_knowledge(Settings().knowledge)
    sources = [*knowledge.cards, *knowledge.cases, *knowledge.faqs, "doc-0a1b2c3d-4e5f6071"]

    assert len(sources) > 500
    assert 120 >= max(len(links.citation(cited(id=source, quote_at=(1200, 1240)))) for source in sources)


def test_chats_take_no_sign_for_markup(links: Links) -> None:
    """A token holds only letters, digits, points, hyphens and underscores."""
    for url in (links.citation(cited(quote_at=(0, 12))), links.one_time("wecom-" + "0a" * 16)):
        assert token(url).isascii() and token(url).translate(str.maketrans("", "", "-_.")).isalnum()


@given(st.text(max_size=600))
def test_anything_typed_is_refused(kept: SharedStore, typed: str) -> None:
    """Whatever stands in place of a token, the same kind words answer it."""
    links = Links(SECRET_WORDS, "https://anxun.example.com", kept, Clock())

    for use in (links.read, links.check, links.spend):
        with pytest.raises(BadInput, match="不完整"):
            use(typed)


def test_foreign_key_opens_nothing(links: Links, kept: SharedStore, clock: Clock) -> None:
    """A link of another installation is refused, of either kind."""
    foreign = Links("另一把钥匙", "https://anxun.example.com", kept, clock)

    with pytest.raises(BadInput, match="不完整"):
        links.read(token(foreign.citation(cited())))
    with pytest.raises(BadInput, match="不完整"):
        links.spend(token(foreign.one_time("wecom-1")))


def test_times_are_kept_to_the_second(links: Links, clock: Clock) -> None:
    """Good to the last second of thirty days, or of ten minutes; each says how to get a new one."""
    citation, handover = token(links.citation(cited())), token(links.one_time("wecom-1"))

    clock.time += ONE_TIME_S
    assert "wecom-1" == links.check(handover)
    clock.time += 1
    with pytest.raises(BadInput) as late:
        links.spend(handover)
    assert "再说一次“网页”" in late.value.remedy
    clock.time += CITATION_S - ONE_TIME_S - 1
    assert links.read(citation)
    clock.time += 1
    with pytest.raises(BadInput) as old:
        links.read(citation)
    assert "再问一次" in old.value.remedy


def test_spent_way_is_shut_at_a_look(links: Links, clock: Clock) -> None:
    """Who opens a link that was spent is told so before they tap, until it has run out anyway."""
    found = token(links.one_time("wecom-1"))
    links.spend(found)
    clock.time += ONE_TIME_S

    with pytest.raises(BadInput, match="用过"):
        links.check(found)


def test_asking_again_gives_another_way(links: Links) -> None:
    """Asked twice within a second, the second link is good when the first is spent."""
    first, second = token(links.one_time("api-a.b")), token(links.one_time("api-a.b"))
    links.spend(first)

    assert "api-a.b" == links.spend(second)


def test_eight_taps_at_once_are_one(tmp_path: Path, clock: Clock) -> None:
    """Eight people tap together, in two processes on one database: one of them gets the conversation."""
    processes = [
        Links(SECRET_WORDS, "", SharedStore(open_database(f"sqlite:///{tmp_path / 'b.db'}")), clock)
        for _ in range(2)
    ]
    found = token(processes[0].one_time("wecom-1"))

    def tap(number: int) -> str:
        try:
            return processes[number % 2].spend(found)
        except BadInput as error:
            return error.message

    with ThreadPoolExecutor(8) as pool:
        assert ["wecom-1", *["这个链接用过了。"] * 7] == sorted(pool.map(tap, range(8)))
