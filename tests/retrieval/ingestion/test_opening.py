"""A cited passage opens where it stands: among its neighbours, and on the picture of its page."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from bot.asking import Libraries
from bot.channels.web.api import build_api
from bot.channels.web.sessions import Sessions
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.ingestion.library import Change, Library
from bot.retrieval.ingestion.opening import open_piece, page_picture
from bot.retrieval.ingestion.pieces import Piece
from bot.settings import Settings
from bot.sources import open_source
from tests.retrieval.fakes import knowledge
from tests.retrieval.ingestion.conftest import needs_font
from tests.retrieval.ingestion.documents import RULES, write_docx, write_pdf

TakeIn = Callable[[Path], Change]
AMBER, COVER = (255, 226, 120), (70, 78, 80)


def article(library: Library, label: int | str) -> Piece:
    return next(p for p in library.pieces() if p.article == label)


def picture(library: Library, piece: Piece) -> Image.Image:
    raw = page_picture(library, piece.id)
    assert raw is not None
    return Image.open(io.BytesIO(raw)).convert("RGB")


def colours(picture: Image.Image, box: tuple[float, ...]) -> set[tuple[int, int, int]]:
    left, top, right, bottom = (round(x * picture.size[i % 2]) for i, x in enumerate(box[1:]))
    return {c for _, c in picture.crop((left, top, right, bottom)).getcolors(1 << 20) or []}  # type: ignore[misc]


def test_passage_is_marked_among_neighbours(library: Library, take_in: TakeIn, tmp_path: Path) -> None:
    """The source has a card's shape: title, status, and text in which just the passage is marked."""
    rows = [["步骤", "要求"], *([f"第{n}步", f"做好第{n}件事"] for n in "一二三四五六")]
    take_in(write_docx(tmp_path / "细则.docx", [(1, "催费细则"), "按下表一步一步办。", rows]))
    piece = next(p for p in library.pieces() if "第三步" in p.text)

    source = open_piece(library, piece.id)

    assert source is not None
    card = open_source(knowledge(), next(iter(knowledge().cards)))
    assert card is not None and set(card) <= set(source)
    assert ("document", "unverified", "单位文件", "催费细则") == (
        source["kind"], source["status"], source["status_label"], source["title"],
    )  # fmt: skip
    section = source["sections"][0]
    (start, end) = section["marks"][0]
    assert piece.text == section["text"][start:end]
    assert "第二步" in section["text"][:start] and "第四步" in section["text"][end:]
    assert [] == source["pictures"] and page_picture(library, piece.id) is None


@needs_font
def test_page_shows_passage_marked(library: Library, take_in: TakeIn, tmp_path: Path) -> None:
    """On the page's picture the passage is amber, its neighbours are not, and the ink stays black."""
    take_in(write_pdf(tmp_path / "办法.pdf", RULES))
    marked, other = article(library, 3), article(library, 1)
    image = picture(library, marked)

    assert AMBER in colours(image, marked.boxes[0]) and AMBER not in colours(image, other.boxes[0])
    assert min(map(sum, colours(image, marked.boxes[0]))) < 60


@needs_font
def test_personal_data_is_covered(library: Library, take_in: TakeIn, tmp_path: Path) -> None:
    """Where the text masks a telephone number, the picture covers it."""
    take_in(write_pdf(tmp_path / "办法.pdf", RULES))
    (box,) = library.original("办法.pdf")[1]

    assert {COVER} == colours(picture(library, article(library, 4)), box)


def test_unknown_passage_opens_nothing(library: Library, take_in: TakeIn, tmp_path: Path) -> None:
    """An id of no document, or of a passage that is gone, opens nothing."""
    take_in(write_docx(tmp_path / "细则.docx", RULES))
    gone = library.pieces()[0].id[:-8] + "00000000"

    assert [None] * 4 == [f(library, i) for f in (open_piece, page_picture) for i in ("doc-x-y", gone)]


@pytest.fixture
def browser(library: Library, small: Answerer, tmp_path: Path) -> TestClient:
    """The sources' routes over the real library, asked from this machine."""
    app = FastAPI()
    libraries = Libraries(knowledge(), small, library)
    app.include_router(build_api(libraries, Sessions(Settings(data_dir=str(tmp_path)))))  # type: ignore[arg-type]
    return TestClient(app)


@needs_font
def test_page_is_served_as_png(
    browser: TestClient, library: Library, take_in: TakeIn, tmp_path: Path
) -> None:
    """The web finds cards and documents under one address, and the page's picture beside it, of its own pages only."""
    take_in(write_pdf(tmp_path / "办法.pdf", RULES))
    address = f"/api/v1/sources/{article(library, 3).id}"
    card = next(iter(knowledge().cards))

    assert [1] == browser.get(address).json()["pictures"]
    assert b"\x89PNG" == browser.get(f"{address}/page?page=1").content[:4]
    assert "image/png" == browser.get(f"{address}/page").headers["content-type"]
    assert [200, 404, 404, 404] == [
        browser.get(f"/api/v1/sources/{path}").status_code
        for path in (card, f"{card}/page", f"{article(library, 3).id}/page?page=2", "doc-00000000-00000000")
    ]


def test_stranger_sees_no_document(
    library: Library, small: Answerer, take_in: TakeIn, tmp_path: Path
) -> None:
    """With a token set, neither text nor page is shown without it."""
    take_in(write_docx(tmp_path / "细则.docx", RULES))
    app = FastAPI()
    sessions = Sessions(Settings(data_dir=str(tmp_path), api_token="pass-7"))
    app.include_router(build_api(Libraries(knowledge(), small, library), sessions))  # type: ignore[arg-type]
    address = f"/api/v1/sources/{library.pieces()[0].id}"

    assert [401, 401] == [TestClient(app).get(address + end).status_code for end in ("", "/page")]
