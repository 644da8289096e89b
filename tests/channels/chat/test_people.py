"""One person, one conversation for each platform and chat; nobody's id is readable in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.chat.inbound import Inbound
from bot.channels.chat.people import private_conversation, read_staff, shared_conversation
from bot.errors import SettingError


def said(channel: str = "wecom", chat: str = "群一", person: str = "zhangsan") -> Inbound:
    return Inbound(channel, "k", chat, person, "你好", group=True)


def test_people_platforms_and_chats_are_kept_apart() -> None:
    """Another person, chat or platform is another conversation; the same is the same."""
    four = [said(), said(person="lisi"), said(chat="群二"), said(channel="dingtalk")]

    assert 4 == len({private_conversation(one) for one in four})
    assert private_conversation(said()) == private_conversation(said())
    assert shared_conversation(said()) == shared_conversation(said(person="lisi"))
    assert "zhangsan" not in private_conversation(said()) and len(private_conversation(said())) <= 80


def test_names_cannot_be_run_together() -> None:
    """Chat 甲 with person 乙丙 is not chat 甲乙 with person 丙."""
    assert private_conversation(said(chat="甲", person="乙丙")) != private_conversation(
        said(chat="甲乙", person="丙")
    )


def test_staff_are_found_by_their_platform_id(tmp_path: Path) -> None:
    """A list as Excel saves it, with its byte mark; both kinds of WeCom bot know the same person."""
    file = tmp_path / "staff.csv"
    file.write_text("channel,person,staff,name\nwecom,zhangsan,0312,张三\n", encoding="utf-8-sig")
    staff = read_staff(file)

    found = staff.find(said("wecom-aibot"))
    assert found is not None and ("0312", "张三") == (found.staff, found.name)
    assert staff.find(said("dingtalk")) is None
    assert read_staff(None).find(said()) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("渠道,人\nwecom,zhangsan", "表头"),
        ("channel,person,staff,name\nqq,zhangsan,1,张三", "第 2 行"),
        ("channel,person,staff,name\nwecom,a,1,甲\nwecom,,2,乙", "第 3 行"),
    ],
)
def test_wrong_list_is_named_with_its_line(tmp_path: Path, text: str, named: str) -> None:
    """What is wrong, where, and how to write it."""
    file = tmp_path / "staff.csv"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingError, match=named):
        read_staff(file)
