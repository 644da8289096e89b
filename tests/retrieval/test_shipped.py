"""The shipped encoder, refusal model and cards together: the promises people notice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.errors import NotReady
from bot.retrieval.answer import Answerer
from bot.retrieval.refusal import Confidence

SET = Path(__file__).with_name("refusal_set.jsonl")


def half_b() -> list[dict[str, object]]:
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    return [r for r in rows if r["half"] == "b"]


def test_unseen_situations_are_split_well(shipped: Answerer) -> None:
    """On the half that nothing was fitted on, four of five are rightly answered, and four of five rightly refused."""
    answered, refused, right = [], [], []
    for row in half_b():
        if row.get("topic", "fee_collection") not in shipped.topics:
            continue
        answer = shipped.ask(str(row["question"]))
        if not row["answerable"]:
            refused.append(not answer.answered)
            continue
        answered.append(answer.answered)
        if "accept" in row:
            right.append(any(c.id in row["accept"] for c in answer.citations))  # type: ignore[operator]

    assert sum(answered) / len(answered) >= 0.8
    assert sum(refused) / len(refused) >= 0.8
    assert sum(right) / len(right) >= 0.75


@pytest.mark.parametrize(
    ("question", "item"),
    [
        ("有人触电了先干什么", "ws-electric-shock-rescue"),
        ("物业能停电催物业费吗", "nb-property-no-power-cut"),
        ("欠费多少天才可以停电", "fc-over-30-days"),
        ("上门抄表被狗咬了谁赔", "ws-dog-attack"),
    ],
)
def test_everyday_questions_find_their_card(shipped: Answerer, question: str, item: str) -> None:
    """What staff ask every week is answered from the right card."""
    assert item in [c.id for c in shipped.ask(question).citations]


def test_wrong_deadline_is_denied(shipped: Answerer) -> None:
    """Three days are not thirty: the answer begins with no."""
    assert shipped.ask("欠费三天就能拉闸吧？").answer.startswith("不是。")


def test_damaged_coefficients_are_named(tmp_path: Path) -> None:
    """A refusal model that does not fit the code is not used."""
    path = tmp_path / "coefficients.json"
    path.write_text('{"mean": {}, "scale": {}, "weight": {}, "bias": 0, "threshold": 0.5}', encoding="utf-8")

    with pytest.raises(NotReady, match="拒答模型"):
        Confidence.load(path)
