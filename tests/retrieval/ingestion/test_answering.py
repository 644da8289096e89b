"""What a user's own document says is found, cited with its place, and marked as the unit's own word."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.asking import Libraries
from bot.content.terms import Terms
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.ingestion.library import Change, Library
from bot.retrieval.ingestion.pieces import Piece
from tests.retrieval.fakes import knowledge, models, terms
from tests.retrieval.ingestion.documents import write_docx

TakeIn = Callable[[Path], Change]
QUESTION = "红外测温枪借用归还"
RULE = "红外测温枪借用要登记，当天归还，归还时由班长验收。"


@pytest.fixture
def build(tmp_path: Path) -> Callable[[Sequence[Piece]], Answerer]:
    words: Terms = terms(tmp_path)
    return lambda pieces: Answerer(knowledge(), words, models(), pieces=pieces)


def take_in_rules(take_in: TakeIn, folder: Path) -> None:
    take_in(write_docx(folder / "工器具管理办法.docx", [(1, "工器具管理办法"), f"第三条　{RULE}"]))


def test_document_is_cited_with_its_place(
    library: Library, take_in: TakeIn, tmp_path: Path, build: Callable[[Sequence[Piece]], Answerer]
) -> None:
    """The answer is the document's sentence; the citation names document and article and says whose rule it is."""
    take_in_rules(take_in, tmp_path)
    block = build(library.pieces()).ask(QUESTION)

    assert block.answered and RULE[:10] in block.answer
    cited = block.citations[0]
    assert ("document", "工器具管理办法", 3, "单位文件") == (
        cited.kind, cited.law, cited.article, cited.status_label,
    )  # fmt: skip
    assert block.caution


def test_law_is_still_found_beside_documents(
    library: Library, take_in: TakeIn, tmp_path: Path, build: Callable[[Sequence[Piece]], Answerer]
) -> None:
    """A question of law is answered from its card, whatever was taken in."""
    take_in_rules(take_in, tmp_path)

    assert "fc-fee" == build(library.pieces()).ask("违约金怎么算").citations[0].id


def test_running_bot_notices_new_documents(
    library: Library, take_in: TakeIn, tmp_path: Path, build: Callable[[Sequence[Piece]], Answerer]
) -> None:
    """What was refused before a document came is answered after it, without a new start, and refused again without it."""
    libraries = Libraries(knowledge(), build([]), library, build=build)
    before = libraries.answer_block(QUESTION).answered
    take_in_rules(take_in, tmp_path)
    with_document = answered_in_time(libraries, True)
    library.remove("工器具管理办法.docx")
    without = answered_in_time(libraries, False)

    assert (False, True, False) == (before, with_document, without)


def answered_in_time(libraries: Libraries, wanted: bool) -> bool:
    """Whether the question is answered, once the index had time to be built anew."""
    for _ in range(200):
        if (now := libraries.answer_block(QUESTION).answered) == wanted:
            return now
        time.sleep(0.05)
    return now
