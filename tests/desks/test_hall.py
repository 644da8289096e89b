"""Whose words these are, and which desk wants them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import CardBlock, Message
from tests.learning.factory import Floor, floor, person


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    return floor(tmp_path)


def test_desk_under_way_comes_first(house: Floor) -> None:
    """Once a desk is open, what goes on with it goes there, until it is done."""
    assert house.hall.desk_for("web-1", "你好") is None
    house.tell("回声")

    assert "客人说：你好（2）" in house.tell("你好")
    house.tell("停")
    assert house.hall.desk_for("web-1", "你好") is None


def test_question_in_between_is_let_through(house: Floor) -> None:
    """A desk that does not want the words leaves them to the others, and stays open."""
    house.tell("回声")

    assert house.hall.desk_for("web-1", "欠费多久能停电？") is None
    assert "echo" == house.hall.desk_for("web-1", "接着来")


def test_other_conversation_is_not_touched(house: Floor) -> None:
    """What is under way in one chat is not in another."""
    house.tell("回声", "web-1")

    assert house.hall.desk_for("web-2", "你好") is None


def test_yesterdays_business_is_over(house: Floor) -> None:
    """What was left for half a day does not take the words of a new morning."""
    house.tell("回声")
    house.clock.move(hours=13)

    assert house.hall.desk_for("web-1", "早") is None


def test_group_shares_what_it_opened_together(house: Floor) -> None:
    """Words that open a desk for a group are known as such, and the group chat is then shared."""
    assert house.hall.opens_together("群回声") and not house.hall.opens_together("回声")
    house.tell("群回声", "wecom-group")

    assert house.hall.is_shared("wecom-group") and not house.hall.is_shared("wecom-other")


def test_menu_offers_only_what_is_there(house: Floor) -> None:
    """菜单 names no desk that this house does not have."""
    message = house.message("菜单")

    offered = [choice.send for block in message.blocks if block.type == "choices" for choice in block.choices]
    assert all(house.hall.desk_for("web-9", words) for words in offered)


def test_person_is_known_by_account_in_every_chat(house: Floor) -> None:
    """Who is bound in a private chat is the same person in a group: the account counts, not the chat."""
    house.staff.save([person()])
    house.tell(f"绑定 {house.staff.new_code('1001', house.clock())}", "wecom-a", account="wecom:zhangsan")

    assert "周敏说：回声" in house.tell("回声", "wecom-group", account="wecom:zhangsan")
    assert "客人说：" in house.tell("在吗", "wecom-group", account="wecom:lisi")


def test_who_left_is_a_guest_again(house: Floor) -> None:
    """Somebody who has left the firm is nobody's account any more."""
    house.bind(person())
    house.staff.save([person(left=house.clock().date())])

    assert "客人说：" in house.tell("回声")


def test_card_without_facts_is_still_a_message() -> None:
    """The plainest card needs only a title, and no path leads off our own server."""
    assert Message(blocks=[CardBlock(title="今日标语")])
    for path in ("https://elsewhere.example", "//elsewhere", "javascript:alert(1)"):
        with pytest.raises(ValueError, match="pattern"):
            CardBlock(title="看", picture=path)


@pytest.mark.parametrize(
    ("desk", "text", "invited"),
    [
        ("hazard", "我要报个隐患", True),
        ("hazard", "欠费人跑得没影了，登报催款登哪一级的报", False),
        ("loop", "理发店老板说“你停我半天，从电费里扣”，我咋回", False),
        ("loop", "我该补什么", True),
        ("quiz", "帮我出几道题", True),
        ("nobody", "我要报个隐患", False),
    ],
)
def test_invitation_names_its_desk(house: Floor, desk: str, text: str, invited: bool) -> None:
    """What sounds like an invitation and names nothing of the desk stays a question."""
    assert invited == house.hall.invited(desk, text)
