"""Messages from chat platforms are kept before they are acknowledged, and known when they come again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.stores.database import open_database
from bot.stores.inbox import Arrived, InboxStore
from bot.stores.shared import SharedStore
from bot.stores.tables import now


def arrived(key: str, chat: str = "c", text: str = "停电提前几天通知？") -> Arrived:
    return Arrived("wecom", key, chat, {"text": text, "reply_to": {"touser": "zhangsan"}})


@pytest.fixture
def chat() -> str:
    """A chat nobody used: the PostgreSQL lives for the whole session."""
    return uuid4().hex


def test_message_sent_again_is_known(url: str, chat: str) -> None:
    """The same key is fresh once, within a batch, in the next one, and for a process that opens the database anew."""
    inbox = InboxStore(open_database(url))
    key = uuid4().hex

    assert [True, False] == inbox.remember([arrived(key, chat), arrived(key, chat)])
    assert [False] == InboxStore(open_database(url)).remember([arrived(key, chat)])


def test_four_processes_at_once_see_it_fresh_once(url: str, chat: str) -> None:
    """However many callers bring the same message at the same moment, one of them is first."""
    key = uuid4().hex
    inboxes = [InboxStore(open_database(url)) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        fresh = list(pool.map(lambda inbox: inbox.remember([arrived(key, chat)])[0], inboxes))

    assert 1 == sum(fresh)


def test_waiting_are_taken_in_order_and_wiped_when_answered(url: str, chat: str) -> None:
    """The oldest comes first; once it is answered neither words nor return address are left."""
    sessions = open_database(url)
    inbox = InboxStore(sessions)
    inbox.remember([arrived(uuid4().hex, chat, text) for text in ("先问的", "后问的")])

    first = inbox.next(chat)
    assert first is not None and "先问的" == first.inbound["text"]
    inbox.close(first.id, answered=True)
    second = inbox.next(chat)
    assert second is not None and "后问的" == second.inbound["text"]
    inbox.close(second.id, answered=False)

    assert inbox.next(chat) is None and chat not in inbox.chats_waiting(["wecom"])
    with sessions() as session:
        from bot.stores.tables import InboundRow

        assert [{}, {}] == [row.inbound for row in session.query(InboundRow).filter_by(chat=chat)]


def test_what_waits_is_never_forgotten(url: str, chat: str) -> None:
    """Sweeping drops what is done with, and leaves what nobody answered yet."""
    inbox = InboxStore(open_database(url))
    done, left = uuid4().hex, uuid4().hex
    inbox.remember([arrived(done, chat), arrived(left, chat)])
    first = inbox.next(chat)
    assert first is not None
    inbox.close(first.id, answered=True)

    inbox.forget(now() + timedelta(minutes=1))

    assert [True, False] == inbox.remember([arrived(done, chat), arrived(left, chat)])


def test_lease_is_held_by_one(url: str) -> None:
    """Who comes second waits, until the first lets go or its time is over."""
    shared, name = SharedStore(open_database(url)), uuid4().hex

    assert shared.lease(name, "一号", now=0, seconds=60)
    assert not shared.lease(name, "二号", now=59, seconds=60)
    assert shared.lease(name, "一号", now=59, seconds=60)
    assert not shared.lease(name, "二号", now=61, seconds=60)
    assert shared.lease(name, "二号", now=120, seconds=60)
    shared.release(name, "一号")
    assert not shared.lease(name, "三号", now=121, seconds=60)
    shared.release(name, "二号")
    assert shared.lease(name, "三号", now=121, seconds=60)


def test_things_that_may_happen_once(url: str) -> None:
    """A link is spent once; long afterwards its name is free again."""
    shared, name = SharedStore(open_database(url)), uuid4().hex

    assert shared.keep_once(name, until=600, now=0)
    assert not shared.keep_once(name, until=600, now=1)
    assert shared.keep_once(name, until=1300, now=700)


def test_values_run_out(url: str) -> None:
    """A value is read until its time, and the last one written counts."""
    shared, name = SharedStore(open_database(url)), uuid4().hex
    shared.keep(name, {"words": "旧"}, until=10)
    shared.keep(name, {"words": "新"}, until=20)

    assert {"words": "新"} == shared.kept(name, now=20)
    assert shared.kept(name, now=21) is None
    shared.forget(now=21)
    assert shared.kept(name, now=0) is None
