"""`anxun people` as an administrator runs it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.commands.people import as_sheet
from bot.learning.people.importing import plan_import
from bot.learning.people.sheets import read_rows
from tests.learning.factory import person

LIST = "工号,姓名,部门,岗位,班组,入职日期,角色,师傅工号,经理工号\n3001,王敏,收费,主任,,2005-01-01,主管,,\n"


def run(*words: str, folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["people", *words], env={"ANXUN_DATA_DIR": str(folder)})
    return result.exit_code, result.stdout


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    """A dry run says what would happen; the next list is still empty. The same without it writes."""
    sheet = tmp_path / "人员.csv"
    sheet.write_text(LIST, encoding="utf-8")

    assert "会新增 1 人" in run("import", str(sheet), "--dry-run", folder=tmp_path)[1]
    assert "共 0 人" in run("list", folder=tmp_path)[1]
    assert "已新增 1 人" in run("import", str(sheet), folder=tmp_path)[1]
    assert ["3001"] == [one["工号"] for one in json.loads(run("list", "--json", folder=tmp_path)[1])]


def test_faults_exit_with_two(tmp_path: Path) -> None:
    """A program learns of faults from the exit code and reads them as JSON."""
    sheet = tmp_path / "人员.csv"
    sheet.write_text(f"{LIST}1,=1+1,收费,柜员,,2026-01-05,,,\n", encoding="utf-8")

    code, said = run("import", str(sheet), "--json", folder=tmp_path)

    found = json.loads(said)
    assert (2, False, 3) == (code, found["written"], found["faults"][0]["row"])


def test_code_for_unknown_number(tmp_path: Path) -> None:
    """No code for somebody who is not there; the refusal says what to do first."""
    result = CliRunner().invoke(app, ["people", "code", "404"], env={"ANXUN_DATA_DIR": str(tmp_path)})

    assert result.exit_code != 0
    assert "anxun people import" in str(result.exception)


@pytest.mark.parametrize("name", ["周敏", "-李", "@赵", "=孙"])
def test_exported_list_is_harmless(name: str) -> None:
    """What is exported runs in no spreadsheet, whatever a name looks like."""
    cells = [cell for row in csv.reader(io.StringIO(as_sheet([person("1", name)]))) for cell in row]

    assert not any(cell.startswith(("=", "-", "@", "+")) for cell in cells)


def test_exported_list_comes_back() -> None:
    """A list that is exported and imported again changes nobody."""
    staff = [person("1", "周敏", trainer="2", role="trainer"), person("2", "李强")]

    plan = plan_import(read_rows("人员.csv", as_sheet(staff).encode()), staff, date(2026, 11, 30))

    assert (2, [], ()) == (plan.same, plan.people, plan.faults)
