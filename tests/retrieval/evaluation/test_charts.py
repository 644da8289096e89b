"""The pictures are real, hold Chinese where the machine can write it, and survive sparse figures."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from matplotlib.image import imread

from bot import palette
from bot.retrieval.evaluation.answers import Bin, Point
from bot.retrieval.evaluation.charts import draw_answers, draw_retrieval
from bot.retrieval.evaluation.comparison import measure_all
from bot.retrieval.evaluation.runs import Run
from bot.retrieval.evaluation.systems import Outcome

QRELS = {"q1": {"a1": 1}, "q2": {"a2": 1}}
GOOD: Run = {"q1": [("a1", 2.0), ("a2", 1.0)], "q2": [("a2", 3.0)]}
BAD: Run = {"q1": [("a2", 5.0)]}


def is_picture(path: Path) -> bool:
    """A PNG of readable size that is neither blank nor one colour."""
    pixels = imread(path)
    height, width, _ = pixels.shape
    ink = (pixels[..., :3].max(axis=2) < 0.6).sum()
    return bool(height > 200 and width > 400 and ink > 500)


@pytest.fixture(params=["chinese", "english"])
def font(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the fonts of this machine, and as if there were none for Chinese."""
    if request.param == "english":
        monkeypatch.setattr(palette, "chinese_font", lambda: None)
    return str(request.param)


def test_retrieval_is_drawn(tmp_path: Path, font: str) -> None:
    """Three pictures of two systems, one of which found almost nothing; no letter is missing from the font."""
    systems = measure_all(
        [Outcome("甲" if font == "chinese" and palette.chinese_font() else "a", GOOD), Outcome("b", BAD)],
        QRELS,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = draw_retrieval(systems, len(QRELS), tmp_path)

    assert ["measures.png", "recall_by_depth.png", "first_scores.png"] == [path.name for path in drawn]
    assert all(is_picture(path) for path in drawn)


def test_empty_run_is_drawn(tmp_path: Path) -> None:
    """A system that found nothing has an empty panel, not an error."""
    drawn = draw_retrieval(measure_all([Outcome("空", {})], QRELS), len(QRELS), tmp_path)

    assert all(path.stat().st_size > 1000 for path in drawn)


def test_answers_are_drawn(tmp_path: Path, font: str) -> None:
    """Risk by coverage with the threshold in use, and the confidence beside what came of it."""
    points = [Point(0.9, 0.2, 0.0), Point(0.6, 0.7, 0.1), Point(0.1, 1.0, 0.4)]
    bins = [Bin(0.0, 0.1, 70, 0.02, 0.0), Bin(0.9, 1.0, 131, 0.96, 0.9)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = draw_answers(points, points[1], bins, tmp_path)

    assert ["risk_coverage.png", "calibration.png"] == [path.name for path in drawn]
    assert all(is_picture(path) for path in drawn)


def test_single_point_is_drawn(tmp_path: Path) -> None:
    """One question answered by nobody still makes a picture."""
    drawn = draw_answers([Point(0.5, 1.0, 0.0)], None, [Bin(0.5, 0.6, 1, 0.5, 1.0)], tmp_path)

    assert all(path.stat().st_size > 1000 for path in drawn)


def test_drawing_leaves_no_trace(tmp_path: Path) -> None:
    """Fonts and colours of whoever else draws in this process stay as they were."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw_answers([Point(0.5, 1.0, 0.0)], None, [Bin(0.5, 0.6, 1, 0.5, 1.0)], tmp_path)

    assert before == dict(mpl.rcParams)
