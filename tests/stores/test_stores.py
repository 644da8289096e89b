"""What is kept survives, in SQLite and in a real PostgreSQL alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.errors import NotReady
from bot.stores import database
from bot.stores.conversations import ConversationStore
from bot.stores.database import open_database
from bot.stores.practices import PracticeStore


def test_message_is_answered_once(url: str) -> None:
    """The same message id keeps its first answer, also for a process that opens the database anew."""
    store = ConversationStore(open_database(url))
    assert store.open("王班", "m1", "停电提前几天说") is None
    store.answer("王班", "m1", {"blocks": []})

    again = ConversationStore(open_database(url))

    assert {"blocks": []} == again.open("王班", "m1", "停电提前几天说")
    assert ["停电提前几天说"] == [row.text for row in again.history("王班")]


def test_turn_and_state_are_one(url: str) -> None:
    """A turn and the state after it are kept together, and a turn said again returns to the state before."""
    store = PracticeStore(open_database(url))
    practice = store.start("李姐", "p03-wang-jie", "s1", {"turns": []})
    store.add_turn(practice, "m1", 1, 60, {"reply": "您别急"}, {"turns": [1]}, {"blocks": []})

    kept = store.active("李姐")
    assert kept is not None and {"turns": [1]} == kept.practice
    assert {"blocks": []} == store.turn(practice, "m1")

    store.replace_last_turn(practice, {"turns": []})
    back = store.active("李姐")
    assert back is not None and {"turns": []} == back.practice


def test_new_practice_ends_the_old(url: str) -> None:
    """A conversation is in one practice at a time; the last score card stays."""
    store = PracticeStore(open_database(url))
    first = store.start("老张", "p01-liu-daye", "s1", {"n": 1})
    store.finish(first, "resolved", 88, {"overall": 88})
    store.start("老张", "p03-wang-jie", "s2", {"n": 2})
    store.start("老张", "p07-lao-ma", "s2", {"n": 3})

    active = store.active("老张")
    assert active is not None and {"n": 3} == active.practice
    assert {"overall": 88} == store.last_card("老张")
    assert {"s1": 1, "s2": 2} == store.counts("老张")


@pytest.mark.parametrize("bad", ["nonsense://x", "sqlite:////proc/nowhere/a.db", "不是地址"])
def test_unusable_database_is_one_line(bad: str) -> None:
    """A database that cannot be opened says which setting to look at."""
    with pytest.raises(NotReady, match="ANXUN_DATABASE_URL"):
        open_database(bad)


def test_migrations_form_one_chain() -> None:
    """Every step follows one other, so that a database of any age has one way up."""
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))

    assert 1 == len(ScriptDirectory.from_config(config).get_heads())


def test_newer_database_is_refused_kindly(tmp_path: Path) -> None:
    """A database that a later version made is not opened, and the line says what to do."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    with open_database(url).begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(NotReady, match="更新的版本"):
        open_database(url)
