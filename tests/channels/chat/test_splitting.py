"""Long answers become several messages at the ends of sentences, and nothing of them is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.channels.chat.splitting import split

NUMBER = re.compile(r"^（\d+/\d+）\n")
LAW = "停电前3—7日把停电通知书送到用户，停电前30分钟再通知一次。" * 60


def joined(parts: list[str]) -> str:
    return "".join(NUMBER.sub("", part, count=1) for part in parts) if len(parts) > 1 else parts[0]


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=3000),
    st.sampled_from([120, 500, 2048]),
)
def test_nothing_is_lost_and_everything_fits(text: str, most: int) -> None:
    """Whatever the text, the parts fit, are whole UTF-8, and give it back; code blocks are a matter of their own."""
    assume("```" not in text)
    parts = split(text, most)

    assert all(len(part.encode()) <= most for part in parts)
    assert text == joined(parts)


def test_short_text_is_left_alone() -> None:
    """What fits carries no number."""
    assert ["您好，我是安训。"] == split("您好，我是安训。", 2048)


def test_cuts_where_a_sentence_ends() -> None:
    """A long answer is never cut inside a sentence when sentences are short enough, and says how many parts follow."""
    parts = split(LAW, 2048)

    assert len(parts) > 1
    assert all(part.startswith(f"（{number}/{len(parts)}）\n") for number, part in enumerate(parts, 1))
    assert all(part.endswith("。") for part in parts)


@pytest.mark.parametrize(
    "whole",
    [
        "[《供电营业规则》第三十九条](https://anxun.example.com/c/ZmMtcG93ZXI.O5rKAA.WD_S4puLt9OZGYTT)",
        "**第 3 句：85 分，怒气 60 → 50**",
        '<font color="warning">已被取代</font>',
        "https://anxun.example.com/continue/d2Vjb20tMDEyMzQ1Njc4.O8OogA._C8VqtAv2EYTBoVp",
        "👨‍👩‍👧‍👦",
    ],
)
@pytest.mark.parametrize("before", range(30, 70, 3))
def test_links_bold_words_and_faces_stay_whole(whole: str, before: int) -> None:
    """Wherever the limit falls, what means something only as a whole is in one part."""
    parts = split("电" * before + whole + "费" * 200, 300)

    assert any(whole in part for part in parts)


def test_more_than_a_hundred_parts_fit_too() -> None:
    """The number grows by digits, and the room for words shrinks with it."""
    parts = split("电" * 20_000, 120)

    assert len(parts) > 500
    assert all(len(part.encode()) <= 120 for part in parts)
    assert "电" * 20_000 == joined(parts)


def test_code_block_is_closed_and_opened_again() -> None:
    """A code block over a cut stands as one in each part, so that no platform shows its marks or the rest as code."""
    text = "先看这段：\n```yaml\n" + "key: value\n" * 60 + "```\n完了。"
    parts = split(text, 300)

    assert len(parts) > 2
    assert all(0 == part.count("```") % 2 and len(part.encode()) <= 300 for part in parts)
    assert all("```yaml\n" in part for part in parts[:-1])
    assert 60 == sum(part.count("key: value\n") for part in parts)


@pytest.mark.parametrize("sign", ["👍🏽", "🇨🇳", "e\u0301", "1\ufe0f\u20e3"])
@pytest.mark.parametrize("before", range(6))
def test_signs_of_several_code_points_stay_whole(sign: str, before: int) -> None:
    """A flag, a skin colour, an accent: never half of one."""
    parts = split("a" * before + sign * 200, 200)

    assert "".join(NUMBER.sub("", part) for part in parts) == "a" * before + sign * 200
    assert all(
        NUMBER.sub("", part).lstrip("a").count(sign) * len(sign) == len(NUMBER.sub("", part).lstrip("a"))
        for part in parts
    )


def test_hostile_text_is_cut_in_reasonable_time() -> None:
    """Brackets, stars and joiners without end are only long; the pattern for whole things does not run away."""
    for text in ("[" * 30_000, "**" * 15_000, "\u200d" * 30_000, "<font" * 6_000, "🇨" * 8_000):
        assert text == joined(split(text, 2048))
