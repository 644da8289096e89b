"""The library on disk: replaced in one step, counted exactly, never served when damaged."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import NotReady
from bot.retrieval.ingestion.library import Change, Library
from bot.retrieval.ingestion.reading import read_document

TakeIn = Callable[[Path], Change]
ARTICLES = [f"第{n}条 第{n}件要办的事。" for n in "一二三四五六七八九"]


def write(path: Path, articles: list[str]) -> Path:
    path.write_text("\n".join(["办法", *articles]), encoding="utf-8")
    return path


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    return write(tmp_path / "办法.txt", ARTICLES)


def test_document_is_kept_whole(library: Library, take_in: TakeIn, rule: Path) -> None:
    """What was taken in comes back as it was read, original included."""
    take_in(rule)

    assert list(read_document(rule).pieces) == library.pieces()
    assert rule.read_bytes() == library.original("办法.txt")[0]
    assert ("txt", 9, "2026-11-26") == tuple(
        getattr(library.open("办法.txt")[0], key) for key in ("kind", "pieces", "ingested_on")
    )


def test_changed_document_counts_what_changed(library: Library, take_in: TakeIn, rule: Path) -> None:
    """One article changed, one gone, two new: the rest keep their ids, and the report says so."""
    first = take_in(rule)
    before = {p.text: p.id for p in library.pieces()}
    write(rule, [*ARTICLES[:3], "第四条 改过的事。", *ARTICLES[5:], "第十条 新的事。"])
    second = take_in(rule)
    after = {p.text: p.id for p in library.pieces()}

    assert (Change("new", 0, 9, 0), Change("changed", 7, 2, 2)) == (first, second)
    assert all(after[text] == before[text] for text in after.keys() & before.keys())


def test_same_content_changes_nothing(library: Library, take_in: TakeIn, rule: Path) -> None:
    """The same file again is nothing to do, and the version stays."""
    take_in(rule)
    version = library.version()

    assert Change("same", kept=9) == take_in(rule)
    assert version == library.version()


def test_copy_is_not_taken_in_twice(library: Library, take_in: TakeIn, rule: Path, tmp_path: Path) -> None:
    """The same content under another name would answer twice; the report names the first."""
    take_in(rule)

    assert Change("twin", twin="办法.txt") == take_in(write(tmp_path / "副本.txt", ARTICLES))
    assert {"办法.txt"} == {p.document for p in library.pieces()}


def test_version_changes_with_every_change(library: Library, take_in: TakeIn, rule: Path) -> None:
    """A running bot sees by the version that documents came, changed or went."""
    seen = [library.version()]
    take_in(rule)
    seen.append(library.version())
    take_in(write(rule, ARTICLES[:5]))
    seen.append(library.version())
    library.remove("办法.txt")
    seen.append(library.version())

    assert 4 == len(set(seen))
    assert [] == library.pieces() and [] == list(library.folder.glob("doc-*"))


@pytest.mark.parametrize("file", ["pieces.json", "manifest.json"])
def test_damaged_document_is_not_served(library: Library, take_in: TakeIn, rule: Path, file: str) -> None:
    """A document with one byte changed is named, not served, and others are; taking it in again mends it."""
    take_in(rule)
    take_in(write(rule.with_name("细则.txt"), ["细则的第一句话，说清楚谁来办。"]))
    kept = next(library.folder.glob(f"{library.pieces()[0].id[:12]}-*")) / file
    raw = bytearray(kept.read_bytes())
    raw[len(raw) // 2] ^= 1
    kept.write_bytes(raw)

    sound, faults = library.survey()
    assert ["细则.txt"] == [manifest.name for manifest, _ in sound]
    assert "办法.txt" in str(faults["办法.txt"]) and "重新 anxun ingest" in str(faults["办法.txt"])
    with pytest.raises(NotReady, match=r"办法\.txt"):
        library.open("办法.txt")

    assert "new" == take_in(rule).state
    assert {} == library.survey()[1]


def test_damaged_original_is_not_shown_until_mended(library: Library, take_in: TakeIn, rule: Path) -> None:
    """An original that is no longer what was taken in is not shown; taking it in again mends it."""
    take_in(rule)
    next(library.folder.glob("doc-*/original.txt")).write_text("改过", encoding="utf-8")

    with pytest.raises(NotReady, match="重新 anxun ingest"):
        library.original("办法.txt")

    take_in(rule)
    assert rule.read_bytes() == library.original("办法.txt")[0]


@pytest.mark.parametrize("lost", [False, True])
def test_damaged_index_is_rebuilt(library: Library, take_in: TakeIn, rule: Path, lost: bool) -> None:
    """A damaged or lost index is said so; the next file taken in finds the documents again by their folders."""
    take_in(rule)
    (library.folder / "index.json").unlink() if lost else (library.folder / "index.json").write_bytes(b"{}")
    with pytest.raises(NotReady, match="清单"):
        library.pieces()

    take_in(write(rule.with_name("细则.txt"), ["细则的第一句话，说清楚谁来办。"]))

    assert {"办法.txt", "细则.txt"} == {p.document for p in library.pieces()}


def test_interrupted_write_leaves_the_old_state(library: Library, take_in: TakeIn, rule: Path) -> None:
    """What a killed process left half written is never served, and the next change clears it away."""
    take_in(rule)
    (library.folder / "0a1b2c.part").mkdir()
    orphan = library.folder / "doc-00000000-00000000"
    orphan.mkdir()
    (orphan / "manifest.json").write_text("{", encoding="utf-8")

    assert 9 == len(library.pieces())
    take_in(write(rule, ARTICLES[:5]))
    assert 1 == len([p for p in library.folder.iterdir() if p.is_dir()])


def test_reader_sees_one_state_or_the_other(library: Library, rule: Path, tmp_path: Path) -> None:
    """While a document is replaced again and again, whoever reads sees it whole, old or new."""
    (tmp_path / "短").mkdir()
    short = write(tmp_path / "短" / "办法.txt", ARTICLES[:4])
    states = [(path, read_document(path)) for path in (rule, short)]
    library.put(*states[0], "2026-11-26")
    stop = threading.Event()
    seen: set[int] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(len(library.pieces()))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        library.put(*states[(number + 1) % 2], "2026-11-26")
    stop.set()
    reader.join()

    assert seen <= {9, 4} and seen


def test_two_processes_spoil_nothing(library: Library, tmp_path: Path) -> None:
    """Three processes that take in files at the same time end with all of them, each once."""
    for folder in ("甲", "乙", "丙"):
        (tmp_path / folder).mkdir()
        for number in range(4):
            write(tmp_path / folder / f"{folder}{number}.txt", [f"第一条 {folder}{number}的事。"])
        write(tmp_path / folder / "同名.txt", ["第一条 大家都有的事。"])
    code = (
        "import sys; from pathlib import Path; from bot.retrieval.ingestion.library import Library;"
        "from bot.retrieval.ingestion.reading import read_document\n"
        "for p in sorted(Path(sys.argv[2]).iterdir()):"
        " Library(Path(sys.argv[1])).put(p, read_document(p), '2026-11-26')"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(library.folder), str(tmp_path / folder)])
        for folder in ("甲", "乙", "丙")
    ]

    assert [0, 0, 0] == [process.wait(60) for process in running]
    assert 13 == len(library.pieces()) == len({p.document for p in library.pieces()})
    assert {} == library.survey()[1]
