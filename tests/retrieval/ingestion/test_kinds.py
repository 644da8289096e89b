"""Whatever kind of file a rule comes in, its chapters, articles and tables arrive the same."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.ingestion.reading import read_document
from tests.retrieval.ingestion.conftest import needs_font
from tests.retrieval.ingestion.documents import RULES, WRITERS

ENDS = [
    pytest.param(end, marks=needs_font) if end.endswith("pdf") else end for end in WRITERS if end != "xlsx"
]
ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Piece]]:
    """The rule's passages from a file of one kind; each is read once."""
    folder = tmp_path_factory.mktemp("kinds")

    @functools.cache
    def passages(end: str) -> list[Piece]:
        return list(read_document(WRITERS[end](folder / f"催收办法.{end}", RULES)).pieces)

    return passages


def article(pieces: list[Piece], label: int | str) -> Piece:
    return next(p for p in pieces if p.article == label)


@pytest.mark.parametrize("end", ENDS)
def test_articles_are_told_apart(read: Callable[[str], list[Piece]], end: str) -> None:
    """Every article is a passage of its own with its number, 第三条之一 as well, in order."""
    pieces = read(end)

    assert [1, 2, 3, "3之一", 4] == list(dict.fromkeys(p.article for p in pieces if p.article))
    assert all(len(re.findall(r"第.条", p.text)) <= 1 for p in pieces)
    assert list(range(len(pieces))) == [p.order for p in pieces]


@pytest.mark.parametrize("end", ENDS)
def test_title_is_path_of_headings(read: Callable[[str], list[Piece]], end: str) -> None:
    """A passage says in which chapter of which rule it stands."""
    titles = {p.title.replace(" ", "") for p in read(end) if p.article}

    assert {"电费催收管理办法›第一章总则", "电费催收管理办法›第二章催收"} == titles


@pytest.mark.parametrize("end", ENDS)
def test_telephone_is_masked(read: Callable[[str], list[Piece]], end: str) -> None:
    """A telephone number is in no passage, and what stands round it is."""
    pieces = read(end)

    assert "打电话138****8000问催收专责" in article(pieces, 4).text.replace("\n", "")
    assert not any("13800138000" in p.text for p in pieces)


@pytest.mark.parametrize("end", [e for e in ENDS if e not in ("txt", ENDS[-1])])
def test_row_carries_its_header(read: Callable[[str], list[Piece]], end: str) -> None:
    """A row of a table is a passage in which every value has the name of its column."""
    texts = [p.text for p in read(end)]

    assert "客户类别：居民；催收方式：短信和电话；期限：十五日" in texts
    assert "客户类别：高压客户；催收方式：上门送达通知书；期限：七日" in texts


@pytest.mark.parametrize("end", ENDS)
def test_ids_are_plain_and_single(read: Callable[[str], list[Piece]], end: str) -> None:
    """Ids are lower-case words with hyphens, as content has them, and no two are alike."""
    ids = [p.id for p in read(end)]

    assert all(ID.match(i) and i.startswith("doc-") for i in ids)
    assert len(set(ids)) == len(ids)


def test_document_without_headings_has_its_name(tmp_path: Path) -> None:
    """A passage below no heading is titled by the document's name, in which personal data is masked as well."""
    path = tmp_path / "答复13800138000.txt"
    path.write_text("客户问起的，都按照公司公告的内容答复。", encoding="utf-8")

    piece = read_document(path).pieces[0]

    assert "答复138****8000" == piece.title
    assert piece.page is None and piece.place == ""
