"""Many calls at once: every script with every customer, the same however many processes play them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.batching import jobs_of, play_all, read_scripts, simulated_jobs, summary
from bot.errors import BadInput
from bot.reporting import batch_page
from bot.roleplay.simulation import POLICIES
from bot.settings import Settings
from tests.roleplay.factory import stage

KIND = "turns:\n  - 您慢慢说，我听着，换谁都着急。\n  - 我查一下记录，明天给您回话，您看行吗？\n"
HARSH = "persona: p07\nseed: 5\nturns:\n  - 赶紧交钱，不交就停电。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kind.yaml").write_text(KIND, encoding="utf-8")
    (tmp_path / "harsh.yaml").write_text(HARSH, encoding="utf-8")
    return tmp_path


def silent(_done: int, _total: int) -> None:
    return None


def test_scripts_meet_everybody(folder: Path) -> None:
    """A script without a customer meets them all; one that names a customer keeps to it, from its own seed on."""
    jobs = jobs_of(stage(), read_scripts(folder), [], None, 3)

    assert 3 * len(stage().personas) == sum(job.name == "kind" for job in jobs)
    assert [5, 6, 7] == [job.script.seed for job in jobs if job.name == "harsh"]
    assert {"p07"} == {job.script.persona for job in jobs if job.name == "harsh"}


def test_processes_do_not_matter(folder: Path) -> None:
    """One process or two: the same calls in the same order, and the same page to the byte."""
    jobs = jobs_of(stage(), read_scripts(folder), ["p01", "p07"], 3, 4)
    alone, together = (play_all(Settings(), jobs, silent, workers) for workers in (1, 2))

    assert alone == together
    assert batch_page(alone, stage().personas) == batch_page(together, stage().personas)


def test_report_needs_nothing_else(folder: Path) -> None:
    """The page names every customer and ending, draws every curve, and loads nothing from anywhere."""
    calls = play_all(Settings(), jobs_of(stage(), read_scripts(folder), ["p01", "p07"], 3, 2), silent, 1)

    page = batch_page(calls, stage().personas)

    assert all(word in page for word in ("刘大爷", "老马", "谈成了", "闹大了", "<polyline"))
    assert not any(word in page for word in ("<script", "http", "src="))


def test_summary_counts_endings(folder: Path) -> None:
    """One row for each script and customer, whose endings add up to its calls."""
    rows = summary(play_all(Settings(), jobs_of(stage(), read_scripts(folder), ["p01"], 3, 4), silent, 1))

    assert [("harsh", "p01-liu-daye"), ("kind", "p01-liu-daye")] == [
        (r["script"], r["persona"]) for r in rows
    ]
    assert all(4 == r["calls"] == sum(r["outcomes"].values()) for r in rows)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("turns: 你好", "没有可说的话"),
        ("- 你好", "键: 值"),
        ("turn:\n  - 您好", "不认识的键 turn"),
        ("difficulty: 9\nturns: [您好]", "1 到 5"),
        ("turns: [", "YAML 写法有误"),
    ],
)
def test_broken_script_is_named(tmp_path: Path, text: str, said: str) -> None:
    """A broken script is named with its file and what to do; the good ones do not hide it."""
    (tmp_path / "good.yaml").write_text(KIND, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(BadInput, match=said) as caught:
        read_scripts(tmp_path)

    assert "bad.yaml" in str(caught.value)


def test_empty_folder_is_explained(tmp_path: Path) -> None:
    """A folder without scripts, or none at all, says what to put there."""
    with pytest.raises(BadInput, match=r"没有 \.yaml"):
        read_scripts(tmp_path)
    with pytest.raises(BadInput, match="找不到"):
        read_scripts(tmp_path / "nowhere")


def test_policies_end_as_they_should() -> None:
    """Good collectors settle nearly everything, hostile ones nothing, cold ones next to nothing."""
    settled = {}
    for policy in POLICIES:
        calls = play_all(Settings(), simulated_jobs(stage(), policy, 36, 10, 3, []), silent, 1)
        settled[policy] = sum(call.outcome == "resolved" for call in calls) / len(calls)

    assert settled["good"] >= 0.9
    assert settled["hostile"] == 0
    assert settled["cold"] <= 0.05
    assert settled["cold"] <= settled["random"] < settled["good"]
