"""Faults in knowledge/rubric/ are named with file, key and remedy."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.content.rubric import Rubric, load_rubric
from bot.errors import ContentError
from tests.tone.conftest import RUBRIC


def _broken(folder: Path, file: str, old: str, new: str) -> Path:
    shutil.copytree(RUBRIC, folder / "rubric")
    path = folder / "rubric" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    return folder / "rubric"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("cues.yaml", "move: respect", "move: charm", "charm"),
        ("cues.yaml", '"谢谢您|', '"(谢谢您|', "不能用"),
        ("cues.yaml", '"谢谢您|', '"(谢+)+|', "不能用"),
        ("cues.yaml", '"谢谢您|', '"{nobody}|', "不能用"),
        ("cues.yaml", ", stock: true", ", stok: true", "不认识这个键"),
        ("dimensions.yaml", "weight: 15", "weight: 16", "100"),
        ("redlines.yaml", "code: threat", "code: menace", "menace"),
        ("words.yaml", "words:", "cues:", "另一个文件"),
    ],
)
def test_faults_are_named(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    """A wrong move, pattern, key, weight or code is refused in words its author understands."""
    with pytest.raises(ContentError, match=re.escape(said)) as caught:
        load_rubric(_broken(tmp_path, file, old, new))

    assert all(fault.remedy for fault in caught.value.faults)


def test_missing_folder_is_named(tmp_path: Path) -> None:
    """No rubric at all is a fault too, not an empty judge."""
    with pytest.raises(ContentError):
        load_rubric(tmp_path / "nowhere")


def test_weights_follow_the_domain(rubric: Rubric) -> None:
    """The seven dimensions weigh 15, 20, 15, 15, 20, 10 and 5 percent."""
    weights = {name: one.weight for name, one in rubric.dimensions.items()}

    assert weights == {
        "respect": 15, "empathy": 20, "listening": 15, "accuracy": 15,
        "solution": 20, "steadiness": 10, "closing": 5,
    }  # fmt: skip


def test_every_concern_has_a_wording(rubric: Rubric) -> None:
    """Whatever a customer may raise, there is something to take it up with and something to do."""
    for concern in rubric.concerns:
        assert rubric.rewrites.ack[concern.id] and rubric.rewrites.act[concern.id]
