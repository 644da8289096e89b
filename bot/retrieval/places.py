"""Rules of one province or city: they answer when that place is named, and give way to the nation's law otherwise."""

from __future__ import annotations

import re

_OWN_LAW = re.compile(r"^(?P<name>[一-鿿]{2,4}?)(?:省|市|自治区|自治州|壮族自治区|回族自治区|维吾尔自治区)")


def place_of(law: str) -> str | None:
    """上海 for 上海市供用电条例, None for the law of the whole country."""
    found = _OWN_LAW.match(law)
    return found["name"] if found else None


def out_of_place(law: str, question: str) -> bool:
    """Whether this is the rule of a place which the question does not name."""
    place = place_of(law)
    return place is not None and place not in question
