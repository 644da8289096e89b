"""Long answers become several messages at the ends of sentences, and nothing of them is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
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
    """Whatever the text, the parts fit, are whole UTF-8, and give it back."""
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
