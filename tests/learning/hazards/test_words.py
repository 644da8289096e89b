"""What a sentence about a hazard is understood as."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.hazards import HazardSign
from bot.content.loader import load_knowledge
from bot.learning.hazards.severity import answered
from bot.learning.hazards.words import OPENING, Draft, add, read_report, signs_in, sounds_urgent
from bot.settings import Settings

SIGNS = load_knowledge(Settings().knowledge).hazards


@pytest.mark.parametrize(
    ("said", "place", "what", "urgency"),
    [
        ("三号楼表箱门掉了，线露在外面", "三号楼", "表箱门掉了，线露在外面", None),
        ("3号楼2单元楼道灭火器过期了", "3号楼2单元楼道", "灭火器过期了", None),
        ("我在幸福路28号，井盖没了，紧急", "幸福路28号", "井盖没了", "urgent"),
        ("客户名单扔在城东营业厅打印机上没人收", "城东营业厅", "客户名单扔在城东营业厅打印机上没人收", None),
        ("张庄村东头断线掉在地上，旁边有小孩", "张庄村东头", "断线掉在地上，旁边有小孩", None),
        ("不急，档案室门锁坏了", "档案室", "档案室门锁坏了", "minor"),
        ("村口三号杆歪了，快靠到屋檐上", "村口三号杆", "村口三号杆歪了，快靠到屋檐上", None),
    ],
)
def test_one_line_is_taken_apart(said: str, place: str, what: str, urgency: str | None) -> None:
    """Where, what and how urgent come out of one sentence; nothing that was said is lost on the way."""
    draft = read_report(said)

    assert (place, urgency) == (draft.place, draft.severity)
    assert draft.what == what or draft.place + draft.what == what


@pytest.mark.parametrize("said", ["表箱门掉了", "王师傅爬梯子没人扶", "楼道里灭火器过期了", "营业厅地上有水"])
def test_vague_place_is_asked_for(said: str) -> None:
    """A place that nobody could find is no place: only this is asked, and what was said stays."""
    draft = read_report(said)

    assert "place" == draft.missing and said == draft.what
    assert Draft(said, "城东营业厅二号窗口") == add(draft, "在城东营业厅二号窗口")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("A", "urgent"), ("b", "serious"), ("C。", "minor"), ("A 紧急", "urgent"), ("较大", "serious"),
     ("一般吧", "minor"), ("不紧急", "minor"), ("很急", "urgent"), ("不知道", None), ("AB", None), ("一般人都碰得到", None)],
)  # fmt: skip
def test_urgency_is_answered_plainly(said: str, meant: str | None) -> None:
    """A letter or the plain word counts; what is neither is asked again."""
    assert meant == answered(said)


@pytest.mark.parametrize(
    ("said", "hidden", "rest"),
    [("报隐患", False, ""), ("我要报个隐患", False, ""), ("匿名报隐患", True, ""), ("我要匿名报一个隐患", True, ""),
     ("报隐患：三号楼冒烟", False, "三号楼冒烟"), ("报隐患 三号楼冒烟", False, "三号楼冒烟")],
)  # fmt: skip
def test_opening_words_are_known(said: str, hidden: bool, rest: str) -> None:
    """The ways people begin, with or without the matter in the same breath."""
    match = OPENING.match(said)

    assert match and rest == match["rest"] and hidden == bool(match["anonymous"] or match["anonymous2"])


@pytest.mark.parametrize(
    "said", ["发现隐患应该报给谁", "报隐患有什么用", "隐患是什么意思", "重大隐患怎么认定"]
)
def test_question_opens_no_report(said: str) -> None:
    """Who asks about hazards gets an answer, not a form."""
    assert OPENING.match(said) is None


def test_personal_data_is_masked() -> None:
    """Numbers of people and accounts do not get into a report, whichever answer they stand in."""
    draft = add(add(Draft(), "客户张三的身份证 110105194912310021 扔在地上"), "幸福路 8 号，电话13800138000")

    assert not re.search(r"110105194912310021|13800138000", f"{draft}")


@given(st.text(max_size=80))
def test_any_answer_leads_on(said: str) -> None:
    """Whatever is typed, reading does not fail, and answers in a row either fill the report or ask for the same again."""
    draft = read_report(said)
    for answer in (said, "表箱门掉了", "幸福小区三号楼", "B"):
        draft = add(draft, answer)

    assert len(draft.what) <= 520 and len(draft.place) <= 60


def test_danger_now_comes_first() -> None:
    """Bare wires on a box are first of all bare wires; the advice is that for wires."""
    found = signs_in("三号楼表箱门掉了，线露在外面", SIGNS.values())

    assert ["bare-wire", "meter-box"] == [sign.id for sign in found][:2]
    assert "露在外面" == sounds_urgent("三号楼表箱门掉了，线露在外面", found)
    assert [] == signs_in("今天中午吃面", SIGNS.values())


@pytest.mark.parametrize("sign", SIGNS.values(), ids=lambda sign: sign.id)
def test_each_sign_can_be_heard(sign: HazardSign) -> None:
    """Words that sound as if it were now are found beside the sign's own words."""
    for word in sign.danger_now:
        found = signs_in(f"{sign.words[0]}，{word}", [sign])

        assert [sign] == found and sounds_urgent(f"{sign.words[0]}，{word}", found)
