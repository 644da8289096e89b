"""The documents taken in, on disk below one folder.

    index.json              which documents there are; replaced in one step, and with that every change is done
    lock                    held while the index changes
    doc-1a2b3c4d-5e6f7a8b/  one document in one state; never changed, only replaced by another folder
        original.pdf  pieces.json  manifest.json

Whatever is read is checked against the checksum written beside it, and never served when it does not agree.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bot.errors import BadInput, NotReady
from bot.retrieval.ingestion.blocks import Box
from bot.retrieval.ingestion.kinds import Kind
from bot.retrieval.ingestion.pieces import Piece, document_id
from bot.retrieval.ingestion.reading import Document, digest_of
from bot.retrieval.ingestion.records import box_from, checksum, pieces_from, row_of, sealed, to_json, unsealed

FORMAT = 1
"""Of everything in the folder and of how documents are cut; a document in another format is read anew."""

_AGAIN = "请把它重新 anxun ingest 一遍。"


@dataclass(frozen=True)
class Manifest:
    """What is known about a document without opening it."""

    name: str
    kind: Kind
    pages: int | None
    pieces: int
    sha256: str
    ingested_on: str
    pieces_sha256: str
    format: int = FORMAT
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A line of the index: the folder, and the checksums of the original and of the manifest."""

    name: str
    folder: str
    sha256: str
    manifest_sha256: str


@dataclass(frozen=True)
class Change:
    """What taking a document in did: passages that stayed, came and went; `twin` is a document with the same content."""

    state: Literal["new", "changed", "same", "twin"]
    kept: int = 0
    new: int = 0
    gone: int = 0
    twin: str = ""


_Content = tuple[Manifest, dict[str, Any], Entry]


class Library:
    """Opens nothing until it is asked; every answer is what is on disk at that moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def version(self) -> str:
        """Another string whenever the passages are others; one `stat`."""
        try:
            seen = self._index.stat()
        except OSError:
            return ""
        return f"{seen.st_mtime_ns}-{seen.st_size}-{seen.st_ino}"

    def pieces(self) -> list[Piece]:
        """The passages of all sound documents, in the order of their names; `survey` tells of the others."""
        return [piece for _, pieces in self.survey()[0] for piece in pieces]

    def survey(self) -> tuple[list[tuple[Manifest, list[Piece]]], dict[str, NotReady]]:
        """All sound documents in the order of their names, and what is wrong with each of the others."""
        sound, faults = [], {}
        for name, entry in sorted(self._entries().items()):
            try:
                manifest, content, _ = self._content(entry)
                sound.append((manifest, pieces_from(name, content["pieces"])))
            except NotReady as fault:
                faults[name] = fault
            except KeyError:  # taken out meanwhile
                continue
        return sound, faults

    def open(self, name: str) -> tuple[Manifest, list[Piece]]:
        """A document's passages, in order. Raises NotReady when it is damaged, KeyError when it is not there."""
        manifest, content, _ = self._content(self._entries()[name])
        return manifest, pieces_from(name, content["pieces"])

    def original(self, name: str) -> tuple[bytes, list[Box]]:
        """The file as it was taken in, and where personal data is printed in it. Raises as `open` does."""
        manifest, content, entry = self._content(self._entries()[name])
        raw = self._checked(entry, f"original.{manifest.kind}", manifest.sha256)
        return raw, [box_from(row) for row in content["hidden"]]

    def document_of(self, piece_id: str) -> str | None:
        """The name of the document that an id of a passage points into; raises NotReady when the index is damaged."""
        owner = piece_id.rpartition("-")[0]
        return next((name for name in self._entries() if document_id(name) == owner), None)

    def known(self, name: str, sha256: str) -> Change | None:
        """What `put` would say of content that is here already, sound: nothing to read then. None for anything new."""
        entries = self._entries_or_rescued()
        if name in entries:
            if entries[name].sha256 != sha256:
                return None
            try:
                self.original(name)
                return Change("same", kept=len(self.open(name)[1]))
            except (KeyError, NotReady):
                return None
        twin = next((e.name for e in entries.values() if e.sha256 == sha256), "")
        return Change("twin", twin=twin) if twin else None

    def put(self, path: Path, document: Document, today: str) -> Change:
        """Takes a document in, or replaces it. Its passages' ids stay wherever their words stayed."""
        with self._alone():
            entries = self._entries_or_rescued()
            if change := self.known(document.name, document.sha256):
                return change
            before = self._ids(document.name)
            if not self._index.exists():
                self._commit(
                    entries
                )  # a folder without an index would look like damage to whoever reads meanwhile
            for other in entries:
                if other != document.name and document_id(other) == document_id(document.name):
                    raise BadInput(f"和“{other}”的编号撞上了。", "请给文件改个名字再收。")
            entries[document.name] = self._write(path, document, today)
            self._commit(entries)
        now = {piece.id for piece in document.pieces}
        state: Literal["changed", "new"] = "changed" if before else "new"
        return Change(state, len(now & before), len(now - before), len(before - now))

    def remove(self, name: str) -> int:
        """Takes a document out; the number of passages that went. Raises KeyError when it is not there."""
        with self._alone():
            entries = self._entries_or_rescued()
            gone = len(self._ids(name))
            del entries[name]
            self._commit(entries)
        return gone

    # --- reading --------------------

    @property
    def _index(self) -> Path:
        return self.folder / "index.json"

    def _entries(self) -> dict[str, Entry]:
        try:
            rows = unsealed(self._index.read_bytes())
            return {row["name"]: Entry(**row) for row in rows}
        except FileNotFoundError:
            if not any(self.folder.glob("doc-*/manifest.json")):
                return {}
        except (OSError, ValueError, TypeError, KeyError):
            pass
        raise NotReady("收进来的文件清单坏了。", "请把原来的文件重新 anxun ingest 一遍。")

    def _entries_or_rescued(self) -> dict[str, Entry]:
        """The index, or, when it is damaged, what the folders say of themselves."""
        try:
            return self._entries()
        except NotReady:
            found = {}
            for path in sorted(self.folder.glob("doc-*/manifest.json"), key=lambda p: p.stat().st_mtime):
                try:
                    raw = path.read_bytes()
                    row = json.loads(raw)
                    entry = Entry(row["name"], path.parent.name, row["sha256"], checksum(raw))
                    self._content_now(entry)
                except (OSError, ValueError, TypeError, KeyError, NotReady):
                    continue
                found[entry.name] = entry
            return found

    def _content(self, entry: Entry) -> _Content:
        """What is kept of a document; read again when it was replaced while it was read."""
        while True:
            try:
                return self._content_now(entry)
            except NotReady:
                now = self._entries()[entry.name]
                if now == entry:
                    raise
                entry = now

    def _content_now(self, entry: Entry) -> _Content:
        row = json.loads(self._checked(entry, "manifest.json", entry.manifest_sha256))
        if row.get("format") != FORMAT:
            raise NotReady(f"收进来的“{entry.name}”是旧格式。", _AGAIN)
        manifest = Manifest(**row | {"notes": tuple(row["notes"])})
        return manifest, json.loads(self._checked(entry, "pieces.json", manifest.pieces_sha256)), entry

    def _checked(self, entry: Entry, file: str, sha256: str) -> bytes:
        try:
            raw = (self.folder / entry.folder / file).read_bytes()
        except OSError:
            raw = b""
        if checksum(raw) != sha256:
            raise _damaged(entry.name)
        return raw

    def _ids(self, name: str) -> set[str]:
        try:
            return {piece.id for piece in self.open(name)[1]}
        except (KeyError, NotReady):
            return set()

    # --- writing --------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / "lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise NotReady(f"写不进 {self.folder}（{said}）。", "请检查磁盘空间和文件夹权限。") from error

    def _write(self, path: Path, document: Document, today: str) -> Entry:
        part = self.folder / f"{secrets.token_hex(6)}.part"
        part.mkdir(mode=0o700)
        shutil.copyfile(path, part / f"original.{document.kind}")
        if digest_of(part / f"original.{document.kind}") != document.sha256:
            shutil.rmtree(part)
            raise BadInput("在收的时候变了。", "请等它存好再收一次。")
        content = to_json({"pieces": [row_of(p) for p in document.pieces], "hidden": document.hidden})
        (part / "pieces.json").write_bytes(content)
        manifest = Manifest(
            document.name, document.kind, document.pages, len(document.pieces), document.sha256, today, checksum(content),
            notes=document.notes,
        )  # fmt: skip
        raw = to_json(asdict(manifest))
        (part / "manifest.json").write_bytes(raw)
        folder = f"{document_id(document.name)}-{secrets.token_hex(4)}"
        part.replace(self.folder / folder)
        return Entry(document.name, folder, document.sha256, checksum(raw))

    def _commit(self, entries: dict[str, Entry]) -> None:
        """The new index in one step; then what no index names any more can go."""
        part = self._index.with_suffix(".part")
        part.write_bytes(sealed([asdict(entries[name]) for name in sorted(entries)]))
        part.replace(self._index)
        named = {entry.folder for entry in entries.values()}
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in named:
                shutil.rmtree(path, ignore_errors=True)


def _damaged(name: str) -> NotReady:
    return NotReady(f"收进来的“{name}”坏了。", _AGAIN)
