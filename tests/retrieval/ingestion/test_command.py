"""`anxun ingest` as people and programs use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.retrieval.ingestion.documents import RULES, write_docx, write_text, write_xlsx


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "文件"
    path.mkdir()
    write_docx(path / "办法.docx", RULES)
    write_text(path / "细则.txt", RULES[3:5], "gb18030")
    return path


def anxun(tmp_path: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "anxun", "ingest", *arguments],
        cwd=ROOT,
        env=os.environ | {"ANXUN_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_folder_is_taken_in_and_listed(tmp_path: Path, folder: Path) -> None:
    """A folder is taken in, a second time nothing is to do, and the list shows what is there."""
    first, second, listed = anxun(tmp_path, folder), anxun(tmp_path, folder), anxun(tmp_path, "--list")

    assert (0, 0) == (first.returncode, second.returncode), first.stderr
    assert "新收：办法.docx，7 段" in first.stdout and "收好 2 个文件" in first.stdout
    assert "没变：办法.docx，7 段" in second.stdout
    assert "办法.docx" in listed.stdout and "细则.txt" in listed.stdout and "None" not in listed.stdout


def test_faulty_files_stop_nothing(tmp_path: Path, folder: Path) -> None:
    """Faulty files are one line each on standard error and exit code 2; all others are in."""
    (folder / "旧.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "空.md").touch()
    (folder / "下级").mkdir()
    write_xlsx(folder / "下级" / "办法.docx", {"a": [["甲", "乙"]]})

    done = anxun(tmp_path, folder, folder / "没有.pdf", "--json")
    report = json_of(done)

    assert 2 == done.returncode and "Traceback" not in done.stderr
    assert ["办法.docx", "细则.txt"] == sorted(row["name"] for row in report["documents"])
    assert 4 == len(report["failed"]) == len(done.stderr.strip().splitlines())
    assert "同名" in done.stderr and "找不到" in done.stderr


def test_document_is_taken_out(tmp_path: Path, folder: Path) -> None:
    """A document taken out is gone; a name that is not there is told where to look."""
    anxun(tmp_path, folder)

    assert {"name": "办法.docx", "gone": 7} == json_of(anxun(tmp_path, "--remove", "办法.docx", "--json"))
    assert ["细则.txt"] == [row["name"] for row in json_of(anxun(tmp_path, "--list", "--json"))]
    again = anxun(tmp_path, "--remove", "办法.docx")
    assert 2 == again.returncode and "--list" in again.stderr


def test_nothing_asked_is_said(tmp_path: Path) -> None:
    """Without a file, or with two things asked at once, the command says what it wants."""
    for arguments in ([], ["--list", "--remove", "x"]):
        done = anxun(tmp_path, *arguments)

        assert 2 == done.returncode and "三选一" in done.stderr
