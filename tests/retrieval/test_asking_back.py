"""Between an answer and a refusal lies a question: which one did you mean?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.messages import AnswerBlock
from bot.retrieval.answering import asking_back
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.refusal import FEATURES, Confidence
from tests.retrieval.fakes import knowledge, models, terms

VAGUE = "停电的事该听谁的"


def answerer(folder: Path, unsure: float, threshold: float = 0.5) -> Answerer:
    parts = models()
    confidence = replace(parts.confidence, threshold=threshold, unsure=unsure)
    return Answerer(knowledge(), terms(folder), replace(parts, confidence=confidence))


def test_unsure_question_is_asked_back(tmp_path: Path) -> None:
    """Below the threshold and inside the band: no answer, no citation, two to four different choices."""
    block = answerer(tmp_path, unsure=0.0).ask(VAGUE)

    assert (False, [], "您想问的是哪一件？") == (block.answered, block.citations, block.answer)
    assert 2 <= len(block.choices) <= 4
    assert len(set(block.choices)) == len(block.choices)


def test_every_choice_has_an_answer(tmp_path: Path) -> None:
    """Pressing a choice never leads to another refusal."""
    asked = answerer(tmp_path, unsure=0.0)
    choices = asked.ask(VAGUE).choices

    assert choices
    assert all(asked.ask(choice).answered for choice in choices)


def test_below_the_band_is_declined(tmp_path: Path) -> None:
    """What is further off than `unsure` gets no choices."""
    probability = answerer(tmp_path, unsure=0.0).explain(VAGUE).probability
    block = answerer(tmp_path, unsure=probability + 0.01).ask(VAGUE)

    assert not block.answered
    assert block.choices == []


def test_bare_word_is_asked_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One word that several items hold says too little, however sure the index is."""
    monkeypatch.setattr(asking_back, "MANY", 2)

    assert answerer(tmp_path, unsure=0.4).ask("停电").choices


def test_authored_question_is_no_fragment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an author wrote as a question is answered as one, however short."""
    monkeypatch.setattr(asking_back, "MANY", 1)

    assert answerer(tmp_path, unsure=0.4).ask("恐吓短信").answered


def test_file_without_band_never_asks_back(tmp_path: Path) -> None:
    """Coefficients from before the band still load; with them a question is answered or declined, as then."""
    path = tmp_path / "coefficients.json"
    values = dict.fromkeys(FEATURES, 1.0)
    path.write_text(
        json.dumps({"mean": values, "scale": values, "weight": values, "bias": 0, "threshold": 0.5}),
        encoding="utf-8",
    )

    assert not Confidence.load(path).asks_back


def test_choices_are_words_without_buttons() -> None:
    """A channel that has no buttons shows the choices as numbered lines."""
    block = AnswerBlock(
        question="停电",
        answered=False,
        answer="您想问的是哪一件？",
        confidence=0.1,
        choices=["欠费多久停电", "停了找谁"],
    )

    assert "您想问的是哪一件？\n1. 欠费多久停电\n2. 停了找谁" == block.as_text
