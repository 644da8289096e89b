"""Joins settings, the library of users' own documents and the command line: `anxun ingest`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from bot.errors import AnxunError, BadInput
from bot.retrieval.ingestion.finding import files_below, name_of
from bot.retrieval.ingestion.library import Library
from bot.retrieval.ingestion.reading import identify, read_document
from bot.settings import Settings

_SHOWN = ("name", "kind", "pages", "pieces", "ingested_on")


def open_library(settings: Settings) -> Library:
    """The documents taken in so far; reads nothing yet."""
    return Library(settings.data / "documents")


def ingest(settings: Settings, paths: Iterable[Path]) -> dict[str, Any]:
    """Takes in every file it can and says of each what came of it; progress goes to standard error.

    `documents` have name, state (new, changed, same, twin), kept, new, gone, twin, notes; `failed` have path, problem,
    remedy. Never raises for a file.
    """
    library = open_library(settings)
    found = list(files_below(paths))
    documents: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    first: dict[str, Path] = {}
    with Progress(console=Console(stderr=True), transient=True) as bar:
        files = bar.add_task("收文件", total=len(found))
        for path, fault in found:
            try:
                if fault is not None:
                    raise fault
                name = name_of(Path(path.name))
                if first.setdefault(name, path) != path:
                    raise BadInput(f"和“{name_of(first[name])}”同名。", "请给其中一个改个名字再收。")
                documents.append(_take(library, path, name, bar))
            except AnxunError as error:
                failed.append({"path": name_of(path), "problem": error.message, "remedy": error.remedy})
            bar.advance(files)
    return {"documents": documents, "failed": failed}


def list_documents(settings: Settings) -> list[dict[str, Any]]:
    """One row a document: name, kind, pages, pieces, ingested_on, and what is wrong with it ("" when nothing is)."""
    library = open_library(settings)
    sound, faults = library.survey()
    rows = [{**{key: getattr(m, key) for key in _SHOWN}, "fault": ""} for m, _ in sound]
    unknown: dict[str, Any] = dict.fromkeys(_SHOWN)
    rows += [{**unknown, "name": name, "fault": str(fault)} for name, fault in faults.items()]
    return sorted(rows, key=lambda row: str(row["name"]))


def remove_document(settings: Settings, name: str) -> int:
    """Takes a document out; the number of passages that went. Raises BadInput for a name that is not there."""
    try:
        return open_library(settings).remove(name)
    except KeyError:
        raise BadInput(f"没有收过“{name}”。", "用 anxun ingest --list 看看收过的名字。") from None


def _take(library: Library, path: Path, name: str, bar: Progress) -> dict[str, Any]:
    _, digest = identify(path)
    notes: tuple[str, ...] = ()
    change = library.known(name, digest)
    if change is None:
        pages = bar.add_task(escape(name), total=None)
        try:
            document = read_document(path, lambda done, total: bar.update(pages, completed=done, total=total))
        finally:
            bar.remove_task(pages)
        change, notes = library.put(path, document, date.today().isoformat()), document.notes
    return {"name": name, **asdict(change), "notes": list(notes)}
