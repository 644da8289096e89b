"""Rules of one province or city: they answer when that place is named, and give way to the nation's law otherwise."""

from __future__ import annotations

import re

_OWN_LAW = re.compile(r"^(?P<name>[一-鿿]{2,4}?)(?:省|市|自治区|自治州|壮族自治区|回族自治区|维吾尔自治区)")
_PLACES = re.compile(
    "(?:北京|天津|上海|重庆|河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南"
    "|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾|济南|长沙|武汉|广州|深圳|成都|西安|郑州|南京|杭州)(?:省|市)?"
)


def place_of(law: str) -> str | None:
    """上海 for 上海市供用电条例, None for the law of the whole country."""
    found = _OWN_LAW.match(law)
    return found["name"] if found else None


def out_of_place(law: str, question: str) -> bool:
    """Whether this is the rule of a place which the question does not name."""
    place = place_of(law)
    return place is not None and place not in question


def without_places(question: str) -> str:
    """The question with its provinces and big cities blanked: where it is asked says nothing of what is asked."""
    return _PLACES.sub(" ", question)
