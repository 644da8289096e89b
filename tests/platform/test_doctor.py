"""What `anxun doctor` promises to notice."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.doctor import Finding, diagnose
from bot.settings import Settings


def findings(tmp_path: Path, **settings: str) -> dict[str, Finding]:
    environ = {"ANXUN_DATA_DIR": str(tmp_path / "var")} | {
        f"ANXUN_{k.upper()}": v for k, v in settings.items()
    }
    return {found.name: found for found in diagnose(Settings.read(environ))}


def test_doctor_changes_nothing(tmp_path: Path) -> None:
    """Looking makes no folder, no database and no model."""
    found = findings(tmp_path)

    assert found["数据文件夹"].ok and found["数据库"].ok
    assert list(tmp_path.iterdir()) == []


def test_every_failure_has_a_remedy(tmp_path: Path) -> None:
    """Whatever is not in order comes with a sentence on what to do."""
    found = findings(
        tmp_path, knowledge_dir=str(tmp_path), database_url="nonsense://", rasa_url="http://127.0.0.1:9"
    )
    bad = [one for one in found.values() if not one.ok]

    assert bad
    assert all(one.remedy and one.detail for one in bad)


def test_taken_port_is_found(tmp_path: Path) -> None:
    """A port that a stranger holds is a finding that names the setting."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        found = findings(tmp_path, port=str(holder.getsockname()[1]))["网页端口"]

    assert not found.ok and found.required
    assert "ANXUN_PORT" in found.remedy


def test_missing_knowledge_is_found(tmp_path: Path) -> None:
    """A knowledge folder that is not there is required and said to be missing."""
    found = findings(tmp_path, knowledge_dir=str(tmp_path / "none"))["知识内容"]

    assert not found.ok and found.required


def test_unreachable_database_hides_password(tmp_path: Path) -> None:
    """A database that does not answer is found, and its password is not shown."""
    url = "postgresql+psycopg://anxun:geheim@127.0.0.1:9/anxun"
    found = findings(tmp_path, database_url=url)["数据库"]

    assert not found.ok
    assert "geheim" not in found.detail


def test_database_folder_in_the_way(tmp_path: Path) -> None:
    """An SQLite path that is a folder cannot be opened, and that is said."""
    assert not findings(tmp_path, database_url=f"sqlite:///{tmp_path}")["数据库"].ok


@pytest.mark.parametrize("name", ["Rasa 模型", "索引缓存", "Chromium", "测试用的包"])
def test_comforts_are_optional(tmp_path: Path, name: str) -> None:
    """What the bot makes itself, and what only tests need, never fails the doctor."""
    assert not findings(tmp_path)[name].required
