"""`anxun eval tone` as people and programs meet it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

Run = Callable[..., tuple[int, str, str]]
ROWS: list[dict[str, Any]] = [
    {"id": "a1", "customer": "怎么又涨了？", "reply": "涨了这么多，换谁都急。我这就查读数，今天下午给您回话。", "band": 5, "redlines": []},
    {"id": "a2", "customer": "怎么又涨了？", "reply": "不交就停你家电，等着瞧。", "band": 1, "redlines": ["threat", "illegal_cutoff"]},
    {"id": "b1", "customer": "怎么又涨了？", "reply": "规定就是规定，跟我说没用。", "band": 2, "redlines": []},
]  # fmt: skip


@pytest.fixture
def anxun(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `anxun eval tone …` in this process: (exit code, standard output, standard error)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["anxun", "eval", "tone", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return run


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_agreement_is_printed_as_one_document(anxun: Run, tmp_path: Path) -> None:
    """--json holds rank, bands, red lines and the confusion table."""
    code, out, err = anxun(write(tmp_path / "labels.jsonl", ROWS), "--json")
    figures = json.loads(out)

    assert code == 0, err
    assert figures["replies"] == 3
    assert figures["redlines"]["recall"]["value"] == 1
    assert sum(map(sum, figures["confusion"])) == 3


def test_people_read_tables_in_chinese(anxun: Run, tmp_path: Path) -> None:
    """Names of red lines are words, not codes."""
    code, out, _ = anxun(write(tmp_path / "labels.jsonl", ROWS))

    assert code == 0
    assert "威胁恐吓" in out and "illegal_cutoff" not in out


def test_part_of_a_set_is_measured_by_its_ids(anxun: Run, tmp_path: Path) -> None:
    """--begins a leaves the others out."""
    _, out, _ = anxun(write(tmp_path / "labels.jsonl", ROWS), "--begins", "a", "--json")

    assert json.loads(out)["replies"] == 2


def test_picture_and_figures_are_written(anxun: Run, tmp_path: Path) -> None:
    """--out makes the folder; the picture is a PNG."""
    folder = tmp_path / "out"
    code, _, err = anxun(write(tmp_path / "labels.jsonl", ROWS), "--out", folder)

    assert code == 0, err
    assert (folder / "agreement.png").read_bytes()[:4] == b"\x89PNG"
    assert json.loads((folder / "figures.json").read_text("utf-8"))["replies"] == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"band": 6}, "1 到 5"),
        ({"band": True}, "1 到 5"),
        ({"redlines": ["rude"]}, "不认识的红线"),
        ({"redlines": "threat"}, "不认识的红线"),
        ({"reply": 3}, "文字"),
        ({"dimensions": {"charm": 3}}, "不认识的维度"),
        ({"dimensions": {"respect": "好"}}, "0 到 100"),
    ],
)
def test_faulty_label_names_its_line(anxun: Run, tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """A wrong label ends with code 2, its line and what to write."""
    code, out, err = anxun(write(tmp_path / "labels.jsonl", [ROWS[0], {**ROWS[1], **change}]))

    assert code == 2 and out == ""
    assert "第 2 行" in err and said in err


def test_one_reply_is_too_few(anxun: Run, tmp_path: Path) -> None:
    """Agreement over one reply means nothing."""
    code, _, err = anxun(write(tmp_path / "labels.jsonl", ROWS[:1]))

    assert code == 2 and "不到两句" in err
