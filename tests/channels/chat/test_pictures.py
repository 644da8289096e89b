"""Pictures of a call: as wide as a phone, the same each time, and every word in them is Chinese that can be read."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image

from bot.channels.chat import drawing
from bot.channels.chat.drawing import BODY, width, wrapped
from bot.channels.chat.pictures import curve_png, score_card_png, signed
from bot.messages import (
    ConditionCheck,
    CurvePoint,
    KeyMoment,
    RedLine,
    ScoreCardBlock,
    ScoreGroup,
    SpeakerScore,
)

LONG = "湘潭市雨湖区老工业园退休职工活动中心的张大爷，儿子在外地打工"


def card(**other: Any) -> ScoreCardBlock:
    return ScoreCardBlock(
        **{
            "name": "王姐", "situation": "上有老下有小", "outcome": "resolved", "outcome_label": "谈成了", "overall": 86,
            "grade": "良好", "groups": [ScoreGroup(name="语气", score=88, last=70), ScoreGroup(name="合规", score=None)],
            "moments": [], "next_time": "先复述，再讲政策。", "summary": "五句话。", "turns": 2,
            "curve": [CurvePoint(turn=0, anger=72), CurvePoint(turn=1, anger=90, label="推诿"), CurvePoint(turn=2, anger=30, label="先认后解")],
        }
        | other
    )  # fmt: skip


BARE = card(groups=[], curve=[], next_time="", situation="", name="")
FULL = card(
    name=LONG, situation=LONG, outcome_label="挂断了", redlines=[RedLine(code="threat", name="威胁恐吓", why="")],
    branches=[CurvePoint(turn=1, anger=99), CurvePoint(turn=9, anger=5)], conditions=[ConditionCheck(what=LONG, met=False)],
    moments=[KeyMoment(turn=1, reply=LONG * 3, delta=12, why=LONG)], speakers=[SpeakerScore(name="小李", turns=2, overall=70)],
    curve=[CurvePoint(turn=n, anger=n * 37 % 101, label="推诿") for n in range(40)],
)  # fmt: skip
STRANGE = card(
    name="王姐😡🏳️‍🌈\n$x^2$",
    situation="$\\frac{坏",
    grade="良好✅",
    next_time="\x00\u202e先复述🙂",
    outcome_label="谈成了👍",
)


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.fixture(autouse=True)
def no_boxes() -> Iterator[None]:
    """A sign that no font holds is a warning of matplotlib, and here an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("block", [card(), BARE, FULL, STRANGE], ids=["usual", "bare", "full", "strange"])
def test_card_is_a_picture_for_a_phone(block: ScoreCardBlock) -> None:
    """720 pixels wide whatever is in it, small enough to send, and nothing is cut off at the edges."""
    png = score_card_png(block)
    picture = opened(png)

    assert (720, "PNG") == (picture.width, Image.open(io.BytesIO(png)).format)
    assert len(png) < 2 * 1024 * 1024
    edges = [picture.crop(box) for box in ((0, 0, 8, picture.height), (712, 0, 720, picture.height), (0, 0, 720, 4), (0, picture.height - 4, 720, picture.height))]  # fmt: skip
    assert all(((255, 255),) * 3 == edge.getextrema() for edge in edges)


def test_same_card_gives_the_same_bytes() -> None:
    """Also when several are drawn at once, and when another one was drawn between."""
    once = score_card_png(card())
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(score_card_png, [card(), FULL] * 3))

    assert {once} == set(drawn[::2]) and drawn[1] != once


@pytest.mark.parametrize("what", ["outcome_label", "grade", "name", "situation", "next_time"])
def test_words_of_the_card_are_drawn(what: str) -> None:
    """Other words make another picture, so none of them is forgotten."""
    assert score_card_png(card()) != score_card_png(card(**{what: "换了"}))


@pytest.mark.parametrize("points", [1, 2, 40])
def test_curve_alone(points: int) -> None:
    """One point, two, or a long call with a taken-back reply: a picture of the same size."""
    curve = [CurvePoint(turn=n, anger=100 - n * 2, label="先认后解") for n in range(points)]
    png = curve_png(curve, [CurvePoint(turn=1, anger=100)])

    assert (720, 445) == opened(png).size


def test_red_line_is_red_and_nothing_else_is() -> None:
    """Red is for red lines only, which are named in words beside it."""

    def red(block: ScoreCardBlock) -> bool:
        pixels = opened(score_card_png(block))
        return (0xA8, 0x24, 0x1C) in {colour for _, colour in pixels.getcolors(1 << 24) or []}

    assert not red(card())
    assert red(card(redlines=[RedLine(code="threat", name="威胁恐吓", why="")]))


@pytest.mark.parametrize(
    "text", [LONG * 3, "电" * 200, "no-such-place " * 12, "x" * 300, "欠费1234567.89元" * 12]
)
def test_wrapped_lines_fit_and_keep_every_sign(text: str) -> None:
    """Long words are broken, figures are not, and no sign is lost."""
    lines = wrapped(text, room=400)

    assert text.replace(" ", "") == "".join(line.text for line in lines).replace(" ", "")
    assert all(width(line.text, BODY) <= 400 + BODY for line in lines)
    if "1234567.89" in text:
        assert 12 == sum(line.text.count("1234567.89") for line in lines)


def test_chinese_is_drawn_as_chinese() -> None:
    """The font that is found holds the words we use, so they are not silently dropped."""
    words = "平静不快生气发怒失控语气合规解决红线：威胁恐吓（−9）“您”——"

    assert words == drawing.printable(words)
    assert "王姐 3 元" == drawing.printable("王姐😡\n3\x00 元🙂")


def test_changes_have_a_sign() -> None:
    """As on the page: a true minus, and nothing before a zero."""
    assert ["+12", "−9", "0"] == [signed(12.4), signed(-9.2), signed(-0.3)]


def test_pictures_cost_nothing_until_one_is_drawn() -> None:
    """A chat that never sees a card does not load matplotlib."""
    code = "import sys, bot.channels.chat.answering; sys.exit('matplotlib' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
