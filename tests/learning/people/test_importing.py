"""A list of people becomes members of staff, or a list of what to put right, line by line."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.learning.people.cells import neutral, read_date
from bot.learning.people.importing import ImportPlan, plan_import
from bot.learning.people.person import Person
from bot.learning.people.sheets import read_rows
from tests.learning.factory import person

TODAY = date(2026, 11, 30)
HEADER = "工号,姓名,部门,岗位,班组,入职日期,角色,师傅工号,经理工号\n"
MENTOR = "2001,李国强,收费,班长,城东班,2010-01-04,培训师,,3001\n"
MANAGER = "3001,王敏,收费,主任,,2005-01-01,主管,,\n"
NEW = "1001,周敏,收费,柜员,城东班,2026/11/23,,2001,3001\n"


def planned(text: str, known: list[Person] | None = None, *, skip_bad: bool = False) -> ImportPlan:
    return plan_import(read_rows("人员.csv", text.encode()), known or [], TODAY, skip_bad=skip_bad)


def book(*rows: list[object]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def test_whole_list_is_read() -> None:
    """Everybody in a good list is new, with mentor and manager."""
    plan = planned(HEADER + NEW + MENTOR + MANAGER)

    assert [] == list(plan.faults)
    assert ["1001", "2001", "3001"] == [one.id for one in plan.new]
    assert ("2001", "3001", "staff", date(2026, 11, 23)) == (
        plan.new[0].trainer, plan.new[0].manager, plan.new[0].role, plan.new[0].joined,
    )  # fmt: skip


def test_gbk_list_reads_alike() -> None:
    """The CSV that Chinese Excel writes gives the same people as one in UTF-8."""
    text = HEADER + NEW + MENTOR + MANAGER

    gbk = plan_import(read_rows("人员.csv", text.encode("gbk")), [], TODAY)

    assert planned(text) == gbk


def test_headers_may_differ() -> None:
    """A title above, marks of duty, other words and other columns do not matter; what is unused is said."""
    plan = planned(
        "城东供电所人员表\n*员工编号,姓 名,所属部门,岗位名称,入职时间（年月日）,爱好\n7,赵一,收费,柜员,20260105,钓鱼\n"
    )

    assert ["7"] == [one.id for one in plan.new]
    assert ("没用上的列：爱好",) == plan.notes


def test_excel_dates_are_days() -> None:
    """A date as Excel keeps it, as a date with an empty time, and as a bare number, is the same day."""
    rows = [[f"10{n}", f"赵{n}", "收费", "柜员", joined] for n, joined in enumerate(
        (datetime(2026, 1, 5), date(2026, 1, 5), 46027, "2026年1月5日", "2026-01-05 00:00:00")
    )]  # fmt: skip

    plan = plan_import(
        read_rows("人员.xlsx", book(["工号", "姓名", "部门", "岗位", "入职日期"], *rows)), [], TODAY
    )

    assert [date(2026, 1, 5)] * 5 == [one.joined for one in plan.new]


def test_numbers_stay_numbers() -> None:
    """A staff number that Excel keeps as a number is read without a point; one it has spoilt is refused."""
    sheet = book(["工号", "姓名", "部门", "岗位", "入职日期"], [1001.0, "周敏", "收费", "柜员", "2026-01-05"],
                 ["1.23E+11", "李强", "收费", "柜员", "2026-01-05"])  # fmt: skip

    plan = plan_import(read_rows("人员.xlsx", sheet), [], TODAY, skip_bad=True)

    assert ["1001"] == [one.id for one in plan.new]
    assert "科学计数" in plan.faults[0].problem


def test_every_fault_is_told() -> None:
    """Each faulty line is named with its column and what to do, all at once, and nothing is imported."""
    plan = planned(
        HEADER + NEW + MENTOR + MANAGER
        + "1002,,收费,柜员,,2026-01-05,,,\n"
        + "1003,孙丽,收费,柜员,,下周一,,,\n"
        + "1004,钱进,收费,柜员,,2026-02-30,,,\n"
        + "10 05,吴起,收费,柜员,,2026-01-05,,,\n"
        + "1006,郑和,收费,柜员,,2026-01-05,老大,,\n"
        + "1007,冯唐,收费,柜员,,1899-01-05,,,\n"
        + "1008,陈平,收费,柜员,,2026-01-05,,9999,\n"
    )  # fmt: skip

    told = [(one.row, one.column) for one in plan.faults]
    assert [
        (5, "姓名"), (6, "入职日期"), (7, "入职日期"), (8, "工号"), (9, "角色"), (10, "入职日期"), (11, "师傅工号"),
    ] == told  # fmt: skip
    assert all(one.remedy for one in plan.faults)
    assert [] == plan.people


def test_duplicates_are_refused() -> None:
    """The same number twice is told with the line it stood in first."""
    plan = planned(HEADER + MANAGER + MANAGER)

    assert "3001 和第 2 行重了" in str(plan.faults[0])
    assert [] == plan.people


def test_mentor_by_name_is_explained() -> None:
    """A name where a number belongs is refused, and the number of that name is offered."""
    plan = planned(HEADER + MENTOR + MANAGER + "1001,周敏,收费,柜员,,2026-01-05,,李国强,3001\n")

    assert "叫李国强的是 2001" in plan.faults[0].remedy


@pytest.mark.parametrize(
    "rows",
    [
        "1,甲,收费,柜员,,2026-01-05,,2,\n2,乙,收费,柜员,,2026-01-05,,1,\n",
        "1,甲,收费,柜员,,2026-01-05,,,2\n2,乙,收费,柜员,,2026-01-05,,,3\n3,丙,收费,柜员,,2026-01-05,,,1\n",
        "1,甲,收费,柜员,,2026-01-05,,1,\n",
    ],
)
def test_circles_are_refused(rows: str) -> None:
    """Nobody is led by themselves, at once or round a corner."""
    plan = planned(HEADER + rows)

    assert [] == plan.people
    assert any("圈" in one.problem or "本人" in one.problem for one in plan.faults)


def test_circle_with_known_people() -> None:
    """A circle that closes through somebody who is already there is one too."""
    known = [person("1", "甲", trainer="2"), person("2", "乙")]

    plan = planned(HEADER + "2,乙,收费,催收员,城东班,2026-11-23,,1,\n", known)

    assert "1 → 2 → 1" in plan.faults[0].problem


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+86", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0", " =1", "＝1+1", "甲DDE", "|calc", "\t=1"],
)
def test_formulas_are_never_taken(cell: str) -> None:
    """A cell that a spreadsheet would run is refused, in whatever width or behind whatever blanks."""
    quoted = '"' + cell.replace('"', '""') + '"'

    plan = planned(f"{HEADER}1,{quoted},收费,柜员,,2026-01-05,,,\n")

    assert "像公式或命令" in plan.faults[0].problem
    assert [] == plan.people


def test_excel_formula_is_not_evaluated() -> None:
    """A real formula arrives as its text and is refused; its stored value is not used."""
    plan = plan_import(
        read_rows("人员.xlsx", book(["工号", "姓名", "部门", "岗位", "入职日期"], [1, '=HYPERLINK("http://x","李")', "收费", "柜员", "2026-01-05"])),
        [],
        TODAY,
    )  # fmt: skip

    assert (2, "姓名") == (plan.faults[0].row, plan.faults[0].column)


@given(st.text(max_size=30))
def test_exported_cells_are_harmless(text: str) -> None:
    """Whatever a cell holds, what is exported begins with no sign that a spreadsheet runs."""
    assert neutral(text)[:1] not in set("=+-@\t\r|")


def test_skip_bad_keeps_whole() -> None:
    """With leave to skip, those who lean on a bad row are left out too, however long the chain."""
    plan = planned(
        HEADER + MANAGER
        + "2001,李国强,收费,班长,,哪天,培训师,,3001\n"
        + "1001,周敏,收费,柜员,,2026-01-05,,2001,3001\n"
        + "1002,钱进,收费,柜员,,2026-01-05,,1001,3001\n",
        skip_bad=True,
    )  # fmt: skip

    assert ["3001"] == [one.id for one in plan.new]
    assert [3, 4, 5] == sorted({one.row for one in plan.faults})


def test_faulty_row_accuses_nobody_else() -> None:
    """Without leave to skip, a good row whose mentor stands in a bad one is not called faulty itself."""
    plan = planned(HEADER + "2001,李国强,收费,班长,,哪天,,,\n1001,周敏,收费,柜员,,2026-01-05,,2001,\n")

    assert [2] == [one.row for one in plan.faults]


def test_missing_people_stay() -> None:
    """Who is not in the list is named, and neither changed nor removed."""
    known = [
        person("9", "老赵"),
        person(
            "3001", "王敏", department="收费", post="主任", joined=date(2005, 1, 1), role="manager", team=""
        ),
    ]

    plan = planned(HEADER + MANAGER, known)

    assert (["9"], 1, []) == ([one.id for one in plan.missing], plan.same, plan.people)


def test_absent_columns_change_nothing() -> None:
    """A list without mentors leaves the mentors that are known."""
    known = [person("1001", "周敏", trainer="2001", team="城东班"), person("2001", "李国强")]

    plan = planned("工号,姓名,部门,岗位,入职日期\n1001,周敏,收费,柜员,2026-11-23\n", known)

    assert [("岗位",)] == [one.what for one in plan.changed]
    assert ("2001", "城东班") == (plan.changed[0].after.trainer, plan.changed[0].after.team)


def test_last_admin_is_kept() -> None:
    """A list after which nobody could do everything is refused as a whole."""
    known = [person("1", "管家", role="admin")]

    plan = planned(HEADER + "1,管家,收费,催收员,城东班,2026-11-23,员工,,\n", known)

    assert (0, []) == (plan.faults[0].row, plan.people)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "空的"),
        ("工号,姓名\n1,甲\n".encode(), "表头缺 部门、岗位、入职日期"),
        ("甲,乙\n1,2\n".encode(), "找不到表头"),
        ("工号,工号,姓名\n".encode(), "两列“工号”"),
        (b"\xd0\xcf\x11\xe0rest", "旧的 xls"),
        (b"PK\x03\x04 no archive", "打不开"),
        (b"\xff\xfe\x00\xd8\x41", "找不到表头"),
        (b"\x81\x00\xff", "认不出来"),
    ],
)
def test_useless_files_say_why(raw: bytes, told: str) -> None:
    """A file that is no list is refused with what to do, whatever it is."""
    with pytest.raises(BadInput) as refused:
        plan_import(read_rows("人员", raw), [], TODAY)

    assert told in str(refused.value)
    assert refused.value.remedy


def test_zip_bomb_is_not_unpacked() -> None:
    """An archive that says it unpacks to gigabytes is refused before anything is unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for number in range(3):
            package.writestr(f"xl/worksheets/sheet{number}.xml", bytes(80_000_000))

    with pytest.raises(BadInput, match="大得不正常"):
        read_rows("人员.xlsx", out.getvalue())


def test_entities_in_sheet_are_refused() -> None:
    """XML that multiplies itself (a billion laughs) never gets to multiply."""
    good = book(["工号", "姓名", "部门", "岗位", "入职日期"], [1, "甲", "收费", "柜员", "2026-01-05"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                text = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + text
            new.writestr(part, text)

    with pytest.raises(BadInput, match="打不开"):
        read_rows("人员.xlsx", out.getvalue())


def test_too_many_rows_are_refused() -> None:
    """A list longer than any company's is not read to its end."""
    with pytest.raises(BadInput, match="50000 行"):
        read_rows("人员.csv", b"1,2\n" * 50_001)


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_dates_survive_all_spellings(day: date) -> None:
    """However an office writes a day, it is that day."""
    spellings = [f"{day:%Y-%m-%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日",
                 f"{day.year}.{day.month}.{day.day}", f"{day:%Y%m%d}"]  # fmt: skip

    assert {day} == {read_date(one) for one in spellings}


@pytest.mark.parametrize("text", ["3/4/2026", "23-Nov-26", "26-1-5", "2026-13-01", "明天", ""])
def test_doubtful_dates_are_refused(text: str) -> None:
    """A date that could be two days, or none, is not guessed."""
    assert read_date(text) is None
