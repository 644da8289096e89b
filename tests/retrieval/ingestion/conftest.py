"""What the ingestion tests share: a fast way from a file to its passages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.retrieval.ingestion.library import Change, Library
from bot.retrieval.ingestion.reading import read_document
from tests.retrieval.ingestion.documents import NO_FONT, chinese_font

needs_font = pytest.mark.skipif(chinese_font() is None, reason=NO_FONT)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "documents")


@pytest.fixture
def take_in(library: Library) -> Callable[[Path], Change]:
    """Reads a file and puts it into the library."""
    return lambda path: library.put(path, read_document(path), "2026-11-26")
