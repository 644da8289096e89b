"""The house has one direction: these tests read the imports and guard it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("content", "retrieval", "roleplay", "tone", "learning")
VOCABULARY = {"bot.errors", "bot.judgement", "bot.text", "bot.messages", "bot.content", "bot.palette"}
NETWORK = {
    "httpx",
    "requests",
    "aiohttp",
    "socket",
    "urllib3",
    "fastapi",
    "starlette",
    "uvicorn",
    "rasa",
    "rasa_sdk",
}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def files_below(*parts: str) -> list[Path]:
    return sorted(p for p in ROOT.joinpath(*parts).rglob("*.py") if ".venv" not in p.parts)


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_know_no_network(library: str) -> None:
    """Content, retrieval, role-play, tone and learning import neither Rasa nor anything that talks over a network."""
    for path in files_below("bot", library):
        roots = {name.split(".")[0] for name in imports_of(path)}

        assert roots & NETWORK == set(), path


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_know_no_sibling(library: str) -> None:
    """A library imports itself, content's values and the shared words, and nothing else of ours."""
    allowed = VOCABULARY | {f"bot.{library}"}
    for path in files_below("bot", library):
        ours = {n for n in imports_of(path) if n.split(".")[0] in ("bot", "actions")}

        assert {n for n in ours if not any(n == a or n.startswith(a + ".") for a in allowed)} == set(), path


def test_content_stands_alone() -> None:
    """Content is the lowest floor: beside itself it knows the error tree and the names of moves."""
    for path in files_below("bot", "content"):
        ours = {n for n in imports_of(path) if n.startswith("bot.")}

        assert {
            n for n in ours if not n.startswith(("bot.content", "bot.errors", "bot.judgement"))
        } == set(), path


def test_only_actions_import_rasa_sdk() -> None:
    """rasa_sdk lives in actions/ and in the one route that serves them; nobody imports rasa itself."""
    for path in [*files_below("bot"), *files_below("actions")]:
        roots = {name.split(".")[0] for name in imports_of(path)}
        relative = path.relative_to(ROOT).as_posix()

        assert "rasa" not in roots, relative
        if "rasa_sdk" in roots:
            assert relative.startswith("actions/") or relative == "bot/channels/web/actions_endpoint.py"


def test_stores_know_no_channel() -> None:
    """Stores keep things; they call neither channels nor services."""
    for path in files_below("bot", "stores"):
        ours = {n for n in imports_of(path) if n.startswith("bot.")}

        assert {n for n in ours if not n.startswith(("bot.stores", "bot.errors"))} == set(), path


@pytest.mark.parametrize(
    ("package", "owner"),
    [
        ("faiss", "bot/stores/vectors/"),
        ("onnxruntime", ("bot/retrieval/", "bot/tone/")),
        ("jieba", "bot/retrieval/tokens.py"),
        ("bm25s", "bot/retrieval/"),
        ("sqlalchemy", "bot/stores/"),
        ("yaml", "bot/content/"),
    ],
)
def test_heavy_package_has_one_home(package: str, owner: str | tuple[str, ...]) -> None:
    """Each heavy package is loaded in one place (a network of each library in its own), so a reader knows where it lives."""
    users = {
        path.relative_to(ROOT).as_posix()
        for path in [*files_below("bot"), *files_below("actions")]
        if package in {name.split(".")[0] for name in imports_of(path)}
    }

    assert users and all(user.startswith(owner) for user in users), users
