"""One cell of a list of people: what it says, and what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.learning.people.person import ROLE_NAMES, Role
from bot.learning.people.sheets import MOST_CHARACTERS

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("工号", "员工编号", "人员编号", "员工号", "编号"),
    "name": ("姓名", "名字", "员工姓名"),
    "department": ("部门", "所属部门", "所在部门", "单位"),
    "post": ("岗位", "岗位名称", "职务", "职位"),
    "team": ("班组", "班", "所属班组", "供电所"),
    "joined": ("入职日期", "入职时间", "到岗日期", "参加工作时间", "入司日期"),
    "role": ("角色", "权限", "系统角色"),
    "trainer": ("师傅工号", "导师工号", "带教师傅工号", "师傅"),
    "manager": ("经理工号", "主管工号", "直接上级工号", "上级工号", "经理"),
}
NAMES = {key: names[0] for key, names in COLUMNS.items()}
NEEDED = ("id", "name", "department", "post", "joined")
ROLES: dict[str, Role] = {
    **{name: role for role, name in ROLE_NAMES.items()},
    **{r: r for r in ROLE_NAMES},
    "": "staff",
}
_NOTHING = frozenset({"-", "--", "—", "——", "/", "无", "暂无", "N/A", "n/a"})
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_FORMULA = re.compile(
    r"^\s*(?:[=+@|]|-(?!$))|(?<![a-z])DDE(?:AUTO)?(?![a-z])|(?<![a-z])(?:cmd|powershell|mshta)\s*\|",
    re.IGNORECASE,
)
"""What a spreadsheet would run when somebody opens a list that was exported again."""
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?")
_PACKED = re.compile(r"(?:19|20)\d{6}")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_EPOCH = date(1899, 12, 30)
_OLDEST = date(1950, 1, 1)


@dataclass(frozen=True)
class RowFault:
    """`row` is the line in the sheet, 0 for the whole file."""

    row: int
    column: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"第 {self.row} 行" if self.row else "整份表"
        return f"{where}{f' {self.column}' if self.column else ''}：{self.problem}。{self.remedy}"


def neutral(text: str) -> str:
    """A cell for export that no spreadsheet runs."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "|") else text


def value_of(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).strip()
    return "" if text in _NOTHING else text


def cell_faults(row: int, values: Mapping[str, str], today: date) -> Iterable[RowFault]:
    for key, text in values.items():
        column = NAMES[key]
        if _FORMULA.search(text):
            yield RowFault(
                row, column, f"“{text[:12]}”像公式或命令，没有收", "改成普通文字；公式请复制后“粘贴为值”。"
            )
        elif len(text) > (40 if key != "joined" else MOST_CHARACTERS):
            yield RowFault(row, column, "太长了", "四十个字以内。")
        elif any(unicodedata.category(sign).startswith("C") for sign in text):
            yield RowFault(row, column, "里面有看不见的字符", "把这一格重新打一遍。")
        elif not text and key in NEEDED:
            yield RowFault(row, column, "空着", "补上。")
        else:
            yield from _own_faults(row, key, text, today)


def _own_faults(row: int, key: str, text: str, today: date) -> Iterable[RowFault]:
    column = NAMES[key]
    if key == "id" and _SCIENTIFIC.fullmatch(text):
        yield RowFault(row, column, f"{text} 被 Excel 改成了科学计数", "把这一列设成“文本”，重新填工号。")
    elif key == "id" and not _ID.fullmatch(text):
        yield RowFault(row, column, f"“{text}”不像工号", "只用字母、数字、横线，四十个以内。")
    elif key == "role" and text.lower() not in ROLES:
        yield RowFault(
            row, column, f"没有“{text}”这个角色", f"写 {'、'.join(ROLE_NAMES.values())} 之一，或者空着。"
        )
    elif key == "joined":
        joined = read_date(text)
        if joined is None:
            yield RowFault(row, column, f"“{text}”看不出是哪天", "写成 2026-01-31 这样。")
        elif not _OLDEST <= joined <= today + timedelta(days=365):
            yield RowFault(row, column, f"{joined} 不对劲", "查一下年份。")


def read_date(text: str) -> date | None:
    """A date as Chinese offices and Excel write it; None for what could be two different days, or none."""
    try:
        if match := _DATE.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if _PACKED.fullmatch(text):
            return datetime.strptime(text, "%Y%m%d").date()
        if _SERIAL.fullmatch(text):
            return _EPOCH + timedelta(days=int(float(text)))
    except ValueError:
        return None
    return None
