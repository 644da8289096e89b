"""Duplicates, steps, escalation, receipts, figures and photos of hazards."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.errors import BadInput
from bot.learning.hazards.duplicates import likeness, similar
from bot.learning.hazards.escalation import overdue
from bot.learning.hazards.photos import LONGEST, cleaned
from bot.learning.hazards.receipts import ALPHABET, digest, new_receipt, read_receipt
from bot.learning.hazards.statistics import counted, hours_to_fix, in_words
from bot.learning.hazards.workflow import follow, may, steps_from
from tests.learning.factory import MONDAY_MORNING


@dataclass(frozen=True)
class Known:
    """A hazard as the plain functions see it."""

    id: int = 1
    what: str = "表箱门掉了，线露在外面"
    place: str = "阳光小区三号楼"
    severity: str = "urgent"
    status: str = "reported"
    at: datetime = MONDAY_MORNING
    topic: str = "work_safety"
    confirmed_at: datetime | None = None
    closed_at: datetime | None = None
    escalated: int = 0

    @property
    def waits_since(self) -> datetime:
        return self.at


@pytest.mark.parametrize(
    ("what", "place", "same"),
    [
        ("表箱门掉了", "阳光小区3号楼", True),
        ("三号楼的表箱没门了，线露着", "阳光小区3号楼", True),
        ("表箱门掉了，露着线", "阳光小区三号楼", True),
        ("表箱门掉了", "阳光小区5号楼", False),
        ("灭火器过期了", "阳光小区三号楼", False),
        ("表箱门掉了", "幸福路粮油市场", False),
    ],
)
def test_same_thing_is_suggested(what: str, place: str, same: bool) -> None:
    """The same matter at the same place is offered as such; another number is another place."""
    assert ([1] if same else []) == [one.id for one in similar(what, place, [Known()])]


@given(st.text(max_size=40), st.text(max_size=30), st.text(max_size=40), st.text(max_size=30))
def test_likeness_has_no_order(what: str, place: str, other: str, there: str) -> None:
    """It does not matter which of the two was reported first."""
    one, two = likeness(what, place, other, there), likeness(other, there, what, place)

    assert one == two and 0 <= one <= 1


def test_steps_follow_in_order() -> None:
    """From report to closed, and what does not fit says what does."""
    status = "reported"
    for step in ("confirm", "take", "fix", "return", "fix", "pass", "reopen"):
        status = follow(status, step)  # type: ignore[arg-type]

    assert "reported" == status
    with pytest.raises(BadInput, match="重新打开"):
        follow("closed", "fix")
    assert {"reopen", "note"} == set(steps_from("closed"))


@pytest.mark.parametrize(
    ("step", "actor", "leads", "refused"),
    [
        ("confirm", "8001", True, False),
        ("confirm", "1001", False, True),
        ("confirm", "reporter", True, True),
        ("pass", "fixer", True, True),
        ("fix", "fixer", False, False),
        ("fix", "8001", True, True),
        ("reopen", "reporter", False, False),
        ("reopen", "1001", False, True),
    ],
)
def test_nobody_checks_own_work(step: str, actor: str, leads: bool, refused: bool) -> None:
    """Own reports are confirmed, and own work is checked, by somebody else; steps belong to those they are for."""
    assert refused == bool(may(step, actor, leads, "reporter", "fixer"))  # type: ignore[arg-type]


def test_waiting_is_told_once_a_level() -> None:
    """An urgent one after half an hour, again after an hour and a half; what is being fixed is not told."""
    late = MONDAY_MORNING + timedelta(minutes=31)
    later = MONDAY_MORNING + timedelta(minutes=91)

    assert [] == overdue([Known()], MONDAY_MORNING + timedelta(minutes=29))
    assert [1] == [one.level for one in overdue([Known()], late)]
    assert [] == overdue([Known(escalated=1)], late)
    assert [2] == [one.level for one in overdue([Known(escalated=1)], later)]
    assert [] == overdue([Known(status="taken"), Known(severity="serious")], later)


def test_receipt_is_read_as_typed() -> None:
    """A code survives lower case, spaces and dashes; look-alike signs are not in it, and only its digest is comparable."""
    for _ in range(50):
        code = new_receipt()

        assert code == read_receipt(f" {code[:3].lower()}-{code[3:]} ") and set(code) <= set(ALPHABET)
        assert digest(code) != digest(code[::-1]) or code == code[::-1]
    assert "" == read_receipt("K7M2Q") == read_receipt("K7M2Q0") == read_receipt("三号楼表箱门")


def test_median_counts_closed_only() -> None:
    """Medians are of what is closed, with the number; the same thing twice counts once."""
    hours = [1, 2, 30]
    known = [
        Known(status="closed", confirmed_at=MONDAY_MORNING, closed_at=MONDAY_MORNING + timedelta(hours=h))
        for h in hours
    ]
    lines = counted([*known, Known(status="same"), Known(status="declined")], lambda one: one.topic)

    assert [(4, 3, 0, 3, 2.0)] == [(n.reported, n.real, n.open, n.closed, n.median_hours) for n in lines]
    assert hours_to_fix([Known()]) is None
    assert ["30 分钟", "2.0 小时", "3.0 天", "—"] == [in_words(h) for h in (0.5, 2, 72, None)]


def photo(kind: str = "JPEG", size: tuple[int, int] = (2400, 1200), **saved: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **saved)
    return out.getvalue()


def test_photo_loses_where_it_was_taken() -> None:
    """Place, time and telephone that the camera wrote down are gone; the picture stands upright and is not too large."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "PhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    made = cleaned(photo(exif=exif))

    with Image.open(io.BytesIO(made)) as shown:
        assert ("JPEG", (LONGEST // 2, LONGEST)) == (shown.format, shown.size) and not shown.getexif()
    assert b"PhoneMaker" not in made


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a" + b"x" * 99, b"<svg onload='x'/>", photo()[:200], b"%PDF-1.7", photo(size=(8, 8)), b"x" * 13_000_000],
    ids=["nothing", "gif", "svg", "half", "pdf", "speck", "huge"],
)  # fmt: skip
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    """A file that is no photo, or a broken one, is refused with what to do."""
    with pytest.raises(BadInput) as refused:
        cleaned(data)

    assert refused.value.remedy
