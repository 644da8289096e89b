"""Retrieval's tests: an answerer over five items with a fake encoder, and the shipped one over knowledge/."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.asking import open_models
from bot.content.loader import read_knowledge
from bot.content.terms import load_terms
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.encoder import OnnxEncoder
from bot.retrieval.tokens import Tokens
from bot.settings import Settings
from tests.retrieval.fakes import knowledge, models, terms

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    return Tokens(terms(tmp_path_factory.mktemp("terms")))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    folder = tmp_path_factory.mktemp("small")
    return Answerer(knowledge(), terms(folder), models())


@pytest.fixture(scope="session")
def encoder() -> OnnxEncoder:
    return OnnxEncoder()


@pytest.fixture(scope="session")
def shipped(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    """What the bot itself asks; its vectors are kept below var/ when a run of the bot has left them there."""
    held = ROOT / "var" / "cache"
    return Answerer(
        read_knowledge(ROOT / "knowledge")[0],
        load_terms(ROOT / "knowledge" / "terms"),
        replace(open_models(Settings.read({})), encoder=encoder),
        held if held.is_dir() else tmp_path_factory.mktemp("cache"),
    )
