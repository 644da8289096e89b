"""Ten documents of every kind, taken in, cited and opened; with Chromium, also looked at on a phone.

    .venv/bin/python -m benchmarks.ingestion [--shots FOLDER] [--kinds docx pdf …]

The documents are written from knowledge/ as a company's rules: chapters, articles, a table. Prints one JSON document:
of each kind how many were taken in, how many of the cited articles opened with just their words marked, the share of
characters that arrived, and seconds a document.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from bot.channels.web.api import build_api
from bot.channels.web.app import STATIC
from bot.channels.web.sessions import Sessions
from bot.content.loader import load_knowledge
from bot.content.models import RegulationCard
from bot.content.numerals import int_to_chinese
from bot.retrieval.ingestion.library import Library
from bot.retrieval.ingestion.opening import open_piece, page_picture
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.ingestion.reading import read_document
from bot.settings import Settings
from bot.text import mask_personal_data, normalise
from tests.conftest import free_port
from tests.retrieval.ingestion.documents import WRITERS, Part, chinese_font

DOCUMENTS = 10
ARTICLES = 6
CITED = 4
"""The number of the article that is asked for in every document."""

PHONE = {"width": 360, "height": 800}


def rule_of(number: int, cards: Sequence[RegulationCard]) -> list[Part]:
    """A rule of two chapters whose articles are what the cards say."""
    parts: list[Part] = [(1, f"营销工作规定之{int_to_chinese(number)}"), (2, "第一章 要求")]
    for i, card in enumerate(cards, 1):
        if i == ARTICLES // 2 + 1:
            parts.append((2, "第二章 处置"))
        parts.append(f"第{int_to_chinese(i)}条　{card.summary}")
    rows = [
        ["事项", "该做的"],
        *([f"第{int_to_chinese(i)}项", card.do[0]] for i, card in enumerate(cards, 1)),
    ]
    return [*parts, rows]


def take_in(library: Library, folder: Path, end: str, rules: Sequence[Sequence[Part]]) -> dict[str, Any]:
    """Writes, takes in, cites and opens the documents of one kind."""
    opened, arrived, expected, pictured, pieces, took = 0, 0, 0, 0, 0, 0.0
    for number, parts in enumerate(rules, 1):
        path = WRITERS[end](folder / f"规定{number}.{end}", parts)
        began = time.perf_counter()
        document = read_document(path)
        library.put(path, document, "2026-11-26")
        took += time.perf_counter() - began
        pieces += len(document.pieces)
        wanted = plain("".join(p for p in parts if isinstance(p, str)))
        found = plain("".join(p.text for p in document.pieces))
        arrived += sum(
            block.size for block in SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks()
        )
        expected += len(wanted)
        cited = cited_piece(document.pieces)
        source = open_piece(library, cited.id) if cited else None
        if cited and source:
            section = source["sections"][0]
            start, end_at = section["marks"][0]
            opened += section["text"][start:end_at] == cited.text
            pictured += page_picture(library, cited.id) is not None
    return {
        "documents": len(rules), "cited_and_opened": opened, "page_pictures": pictured, "passages": pieces,
        "characters_arrived": round(arrived / expected, 4), "seconds_each": round(took / len(rules), 2),
    }  # fmt: skip


def cited_piece(pieces: Sequence[Piece]) -> Piece | None:
    """The passage of the cited article; in a sheet, which has no articles, the row that holds it."""
    words = f"第{int_to_chinese(CITED)}条"
    return next((p for p in pieces if p.article == CITED), None) or next(
        (p for p in pieces if words in p.text), None
    )


def plain(text: str) -> str:
    return "".join(mask_personal_data(normalise(text)).split())


class Opening:
    """What the page needs of the services: a conversation without words, and the sources."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def is_practising(self, _conversation: str) -> bool:
        return False

    def history(self, _conversation: str, _before: int | None) -> list[Any]:
        return []

    HISTORY_PAGE = 50

    def source(self, source_id: str) -> dict[str, Any] | None:
        return open_piece(self._library, source_id)

    def source_page(self, source_id: str, page: int | None) -> bytes | None:
        return page_picture(self._library, source_id, page)


@contextmanager
def served(library: Library, data: Path) -> Iterator[str]:
    """The widget's page over the library, at the address given."""
    app = FastAPI()
    app.include_router(build_api(Opening(library), Sessions(Settings(data_dir=str(data)))))  # type: ignore[arg-type]
    app.mount("/static", StaticFiles(directory=STATIC))
    app.get("/")(lambda: FileResponse(STATIC / "index.html"))
    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{server.config.port}"
    finally:
        server.should_exit = True
        thread.join()


def look(library: Library, data: Path, shots: Path) -> int:
    """Opens the cited passage of every document on a phone; the number of pictures taken. Fails on any console error."""
    from playwright.sync_api import sync_playwright

    shots.mkdir(parents=True, exist_ok=True)
    errors: list[str] = []
    taken = 0
    with served(library, data) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=PHONE, device_scale_factor=2)
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.goto(url)
        page.locator(".hello").wait_for()
        for manifest, pieces in library.survey()[0]:
            cited = cited_piece(pieces)
            if cited is None:
                continue
            page.evaluate(
                "id => { const chat = document.querySelector('anxun-chat'); return chat.openSource(id, chat.input); }",
                cited.id,
            )
            page.locator("dialog[open] mark").first.wait_for()
            page.wait_for_function(
                "[...document.querySelector('anxun-chat').shadowRoot.querySelectorAll('img')].every(i => i.complete && i.naturalWidth)"
            )
            page.screenshot(path=shots / f"{manifest.name}.png")
            if page.locator("dialog img").count():
                page.locator("dialog img").first.scroll_into_view_if_needed()
                page.screenshot(path=shots / f"{manifest.name}.page.png")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                errors.append(f"{manifest.name}: wider than the phone")
            page.keyboard.press("Escape")
            taken += 1
        browser.close()
    if errors:
        raise SystemExit("\n".join(errors))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shots", type=Path)
    parser.add_argument("--kinds", nargs="*", choices=list(WRITERS), default=list(WRITERS))
    asked = parser.parse_args()
    cards = sorted(load_knowledge(Settings.read().knowledge).cards.values(), key=lambda card: card.id)
    rules = [rule_of(n + 1, cards[n * ARTICLES : (n + 1) * ARTICLES]) for n in range(DOCUMENTS)]
    kinds = [k for k in asked.kinds if chinese_font() or not k.endswith("pdf")]
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        library = Library(data / "documents")
        report: dict[str, Any] = {"machine": platform.processor() or platform.machine(), "kinds": {}}
        for end in kinds:
            report["kinds"][end] = take_in(library, data, end, rules)
        if asked.shots and shutil.which("chromium"):
            report["screenshots"] = look(library, data, asked.shots)
    print(json.dumps(report, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
