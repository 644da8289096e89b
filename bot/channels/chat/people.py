"""Who is who: a platform's person and chat become one conversation, and, where the firm says so, a member of staff."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.channels.chat.inbound import Inbound
from bot.errors import SettingError

COLUMNS = ("channel", "person", "staff", "name")


@dataclass(frozen=True)
class Staff:
    """`staff` is the firm's own number, `name` what colleagues call them."""

    staff: str
    name: str


def private_conversation(inbound: Inbound) -> str:
    """This person's conversation in this chat. A digest: ids of people are not spread over tables and logs."""
    return f"{inbound.channel}-{_digest(inbound.channel, inbound.chat, inbound.person)}"


def shared_conversation(inbound: Inbound) -> str:
    """The conversation of the whole group, for what a group does together."""
    return f"{inbound.channel}-{_digest(inbound.channel, inbound.chat)}"


def account_of(inbound: Inbound) -> str:
    """`channel:person`: the person's account on the platform, whichever chat they speak in. At most 80 signs."""
    account = f"{inbound.channel.split('-')[0]}:{inbound.person}"
    return account if len(account) <= 80 else f"{inbound.channel}-{_digest(inbound.channel, inbound.person)}"


def chat_of(inbound: Inbound) -> str:
    """The chat in which order is kept, at most 80 signs."""
    return shared_conversation(inbound)


class StaffList:
    """Platform ids of staff, from a CSV file with the columns channel, person, staff, name; empty without one."""

    def __init__(self, staff: Mapping[tuple[str, str], Staff]) -> None:
        self._staff = staff

    def find(self, inbound: Inbound) -> Staff | None:
        channel = inbound.channel.split("-")[0]
        return self._staff.get((channel, inbound.person))


def read_staff(file: Path | None) -> StaffList:
    """Raises SettingError naming the line that is wrong."""
    if file is None:
        return StaffList({})
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise SettingError(f"{file.name} 的表头不对。", f"第一行写 {','.join(COLUMNS)}。")
            staff = {}
            for number, row in enumerate(rows, 2):
                channel, person = (row["channel"] or "").strip(), (row["person"] or "").strip()
                if channel not in ("wecom", "dingtalk") or not person or not (row["staff"] or "").strip():
                    raise SettingError(
                        f"{file.name} 第 {number} 行不对。",
                        "channel 写 wecom 或 dingtalk，person 和 staff 不能空。",
                    )
                staff[channel, person] = Staff(row["staff"].strip(), (row["name"] or "").strip()[:20])
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"读不了 {file}。", "检查 ANXUN_STAFF_FILE，文件要存成 UTF-8 的 CSV。") from error
    return StaffList(staff)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
