"""A written call becomes the contract's document, the same bytes each time."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from bot.errors import BadInput
from bot.roleplay.script import play_script
from tests.roleplay.factory import HARSH, KIND, WordScorer, stage

SCRIPT: dict[str, Any] = {"persona": "p03-wang-jie", "difficulty": 2, "seed": 3, "turns": list(KIND)}


def played(**changes: object) -> dict[str, Any]:
    return play_script(stage(), SCRIPT | changes, WordScorer())


def test_script_gives_contract() -> None:
    """The document has the keys of the contract, at the top and in each turn."""
    document = played()

    assert list(document) == [
        "persona",
        "seed",
        "turns",
        "outcome",
        "overall",
        "grade",
        "redlines",
        "summary",
    ]
    assert list(document["turns"][0]) == [
        "customer_before", "reply", "state_before", "state_after", "delta_reasons", "score", "customer_after",
    ]  # fmt: skip
    assert set(document["turns"][0]["state_after"]) == {"anger", "trust", "understood", "clarity", "face"}


def test_script_gives_same_bytes() -> None:
    """Played twice, a script gives the same bytes."""
    first, second = (json.dumps(played(), ensure_ascii=False) for _ in range(2))

    assert first == second


def test_seed_changes_the_mood() -> None:
    """Another seed is another day."""
    assert played(seed=4)["turns"] != played(seed=3)["turns"]


def test_turns_hang_together() -> None:
    """Each turn begins with the words and the state the last one ended with."""
    turns = played()["turns"]
    for before, after in pairwise(turns):
        assert before["customer_after"] == after["customer_before"]
        assert before["state_after"] == after["state_before"]


def test_ended_call_leaves_rest() -> None:
    """Sentences after the customer has gone are not played, and the summary says so."""
    document = played(turns=list(HARSH * 3))

    assert len(document["turns"]) < 12
    assert "没有说出口" in document["summary"]
    assert document["redlines"] == ["threat"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"persona": "p77-nobody"}, "没有叫"),
        ({"persona": None}, "没有写 persona"),
        ({"persona": 3}, "应当是编号"),
        ({"difficulty": 9}, "难度 9"),
        ({"difficulty": "高"}, "应当是整数"),
        ({"seed": True}, "应当是整数"),
        ({"turns": []}, "没有可说的话"),
        ({"turns": "您好"}, "没有可说的话"),
        ({"turns": ["您好", 42]}, "第 2 句不是文字"),
        ({"turns": ["您好"] * 51}, "太长"),
        ({"tone": "kind"}, "不认识的键"),
    ],
)
def test_faulty_script_is_explained(changes: dict[str, object], said: str) -> None:
    """A script that cannot be played says what is wrong and how to mend it."""
    with pytest.raises(BadInput, match=said) as caught:
        played(**changes)

    assert caught.value.remedy
