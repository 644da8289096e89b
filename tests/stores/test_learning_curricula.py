"""Courses, signatures and certificates in both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from bot.stores.database import open_database
from bot.stores.learning.curricula import CurriculaStore, StoredCertificate
from bot.stores.learning.signatures import Signature, SignatureStore

AT = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
DAY = date(2026, 11, 30)
CERTIFICATE = StoredCertificate("AX261130-K7M2QXRT", "1", "周敏", "small", "小课", DAY, date(2027, 11, 30), 1)


Stores = tuple[CurriculaStore, SignatureStore, str]


@pytest.fixture
def stores(url: str) -> Stores:
    """Both, and a person nobody else has: one PostgreSQL serves all tests."""
    sessions = open_database(url)
    return CurriculaStore(sessions), SignatureStore(sessions), uuid4().hex[:12]


def enrolment_of(person: str) -> int:
    return int(person[:7], 16)


def asked(person: str, **other: object) -> Signature:
    one = Signature(
        0, enrolment_of(person), person, "small/walk/round", f"m-{person}", "1234", "asked", "", AT, None
    )
    return replace(one, **other)  # type: ignore[arg-type]


def test_one_round_one_enrolment(stores: Stores) -> None:
    """Enrolling twice in the same round does nothing; a renewal is a round of its own. Times come back in UTC."""
    store, person = stores[0], stores[2]

    assert [True, False, True] == [
        store.enrol(person, "small", DAY, AT), store.enrol(person, "small", DAY, AT),
        store.enrol(person, "small", DAY, AT, 2, renewal=True),
    ]  # fmt: skip
    rows = store.enrolments([person])
    assert [(1, False, AT), (2, True, AT)] == [(one.round, one.renewal, one.began_at) for one in rows]


def test_certificate_closes_the_enrolment(stores: Stores) -> None:
    """One certificate an enrolment, and with it the course is no longer under way."""
    store, person = stores[0], stores[2]
    store.enrol(person, "small", DAY, AT)
    (row,) = store.enrolments([person])
    mine = replace(CERTIFICATE, number=f"A{row.id}", person=person, enrolment=row.id)

    assert [True, False] == [store.certify(mine), store.certify(replace(mine, number=f"B{row.id}"))]
    assert [] == store.enrolments([person], active_only=True)
    assert [mine] == store.certificates([person])
    assert [True, False] == [store.revoke(mine.number, "代考", DAY), store.revoke(mine.number, "代考", DAY)]


def test_signature_is_answered_once(stores: Stores) -> None:
    """Asked twice it is one request; answered twice the first answer stands."""
    store, person = stores[1], stores[2]
    first = store.ask(asked(person))

    assert first is not None and first == store.ask(asked(person, code="9999"))
    assert [True, False] == [
        store.answer(first.id, "signed", "", AT), store.answer(first.id, "returned", "晚了", AT + timedelta(minutes=1))
    ]  # fmt: skip
    found = store.by_id(first.id)
    assert found is not None and ("signed", AT) == (found.state, found.answered_at)


def test_open_codes_differ(stores: Stores) -> None:
    """No two open requests to one mentor have the same code; an answered one frees it."""
    store, person = stores[1], stores[2]
    first = store.ask(asked(person))
    assert first is not None

    assert store.ask(asked(person, ref="small/walk/other")) is None
    store.answer(first.id, "returned", "", AT)
    assert store.ask(asked(person, ref="small/walk/other")) is not None
    assert {enrolment_of(person): {"small/walk/other"}} == store.handed_in([person])


def test_reminders_are_remembered(stores: Stores) -> None:
    """Of some keys only the new ones count, however often they are named."""
    store, key = stores[0], stores[2]

    assert [1, 1, 0] == [
        store.remember_reminders([key, key], AT), store.remember_reminders([key, f"{key}b"], AT),
        store.remember_reminders([], AT),
    ]  # fmt: skip


def test_posts_remember_the_one_before(stores: Stores) -> None:
    """The post before this one is known from the day it changed, and stays known."""
    store, person = stores[0], stores[2]

    seen = [store.see_posts([(person, post)], DAY)[person] for post in ("抄表员", "抄表员", "柜员", "柜员")]
    assert ["", "", "抄表员", "抄表员"] == seen
