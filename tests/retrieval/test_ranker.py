"""The ranker weighs what each way of searching saw; weights that do not fit the code are not used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.errors import NotReady
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.ranker import FEATURES, Ranker


def test_more_of_a_good_sign_ranks_higher() -> None:
    """Two candidates that differ in one weighted feature differ by its weight."""
    ranker = Ranker(
        dict.fromkeys(FEATURES, 0.0),
        dict.fromkeys(FEATURES, 2.0),
        dict.fromkeys(FEATURES, 0.0) | {"words": 3.0},
    )
    rows = np.zeros((2, len(FEATURES)), np.float32)
    rows[1, FEATURES.index("words")] = 1

    assert [0.0, 1.5] == ranker.scores(rows).tolist()


def test_chances_add_up(small: Answerer) -> None:
    """The candidates' chances are probabilities, the first one's ratio is one, and they come best first."""
    hits = small.candidates("欠费多久可以停电")

    assert 1 == pytest.approx(sum(h.score for h in hits), abs=1e-5)
    assert 1 == hits[0].ratio
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_foreign_weights_are_refused(tmp_path: Path) -> None:
    """A file of another version is named, with the way to get it back."""
    path = tmp_path / "weights.json"
    path.write_text('{"mean": {}, "scale": {}, "weight": {}}', encoding="utf-8")

    with pytest.raises(NotReady, match="排序模型"):
        Ranker.load(path)
