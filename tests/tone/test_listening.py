"""The learned half of the judge: what it hears, what it leaves to the facts, and how it fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.agreeing import evaluate_tone
from bot.errors import BadInput, NotReady
from bot.scoring import Tone, build_tone
from bot.settings import ROOT, Settings
from bot.tone.listening import SHIPPED, Listener
from bot.tone.training.examples import fold, read_examples

WRITTEN = ROOT / "models" / "training" / "tone"
SITUATION = '## a-1 | 老人 | 2 | {"overdue_days": 3}\n客：我不会扫码。\n'


@pytest.fixture(scope="module")
def tone() -> Tone:
    return build_tone(Settings.read())


@pytest.mark.parametrize(
    ("name", "spearman", "exact", "within_one"),
    [("misleading", 0.80, 0.58, 0.89), ("tenth", 0.76, 0.60, 0.89)],
)
def test_agrees_with_marks_it_never_saw(
    tone: Tone, name: str, spearman: float, exact: float, within_one: float
) -> None:
    """Polite and bad, plain and good: the order and the band are mostly those of the people who marked."""
    figures = evaluate_tone(tone, WRITTEN / "held-out" / f"{name}.txt", None)

    assert figures["spearman"]["value"] >= spearman
    assert figures["exact_band"]["value"] >= exact
    assert figures["within_one_band"]["value"] >= within_one


def test_what_is_held_out_is_in_no_training_file() -> None:
    """No situation and no reply of the held-out files was there to learn from."""
    learned = read_examples(*sorted(WRITTEN.glob("*.txt")))
    held = read_examples(*sorted((WRITTEN / "held-out").glob("*.txt")))

    assert {one.scenario for one in learned}.isdisjoint(one.scenario for one in held)
    assert {one.reply for one in learned if len(one.reply) > 8}.isdisjoint(
        one.reply for one in held if len(one.reply) > 8
    )


def test_situations_stay_together() -> None:
    """All replies of a situation fall into one part, on every machine."""
    assert [fold(name, 10) for name in ("everyday-1-01", "pairs-2-03")] == [
        fold(name, 10) for name in ("everyday-1-01", "pairs-2-03")
    ]


def test_what_only_the_network_hears_is_shown(tone: Tone) -> None:
    """Evidence from the network is marked as such and says why in at most forty signs."""
    judged = tone.score(
        {"customer": "我走不开，电费怎么交？", "reply": "姐您忙您的，钱先搁我这儿，我顺路给您存上。"}
    )
    heard = [span for span in judged["evidence"] if "heard" in span["cue"]]

    assert judged["band"] == 1
    assert all(len(span["why"]) <= 40 for span in heard)


def test_same_words_same_score_in_any_company() -> None:
    """What was judged before changes nothing at all."""
    first, later = Listener(), Listener()
    alone = first.hear("怎么这么多？", "我这就查，下午回您。")
    later.hear("怎么这么多？", "不归我管。" * 20)

    assert alone.band == later.hear("怎么这么多？", "我这就查，下午回您。").band


def test_missing_network_says_what_to_do(tmp_path: Path) -> None:
    """A deploy without the model gets one line and a remedy."""
    with pytest.raises(NotReady, match="语气模型缺少"):
        Listener(tmp_path)


def test_damaged_network_says_what_to_do(tmp_path: Path) -> None:
    """So does a file cut short."""
    shutil.copytree(SHIPPED, tmp_path / "tone")
    (tmp_path / "tone" / "model.onnx").write_bytes(b"cut short")

    with pytest.raises(NotReady, match="读不出来"):
        Listener(tmp_path / "tone")


@pytest.mark.parametrize(
    "line",
    [
        "6|ack|-|-|好。",
        "3|hug|-|-|好。",
        "3|threat|threat|-|不交停电。",
        "3|ack|-|odd|好。",
        "3|ack|好。",
        "3|ack|-|-|",
    ],
)
def test_faulty_marks_are_named(tmp_path: Path, line: str) -> None:
    """A wrong band, move, red line or tag is refused with its line."""
    written = tmp_path / "a.txt"
    written.write_text(SITUATION + line + "\n", encoding="utf-8")

    with pytest.raises(BadInput, match="第 3 行"):
        read_examples(written)


@pytest.mark.parametrize("text", ["3|ack|-|-|好。\n", "## a-1 | 老人 | 九\n", "", "\n\n"])
def test_reply_without_a_situation_is_refused(tmp_path: Path, text: str) -> None:
    """A file in the wrong form is a clear error."""
    written = tmp_path / "a.txt"
    written.write_text(text, encoding="utf-8")

    with pytest.raises(BadInput):
        read_examples(written)
