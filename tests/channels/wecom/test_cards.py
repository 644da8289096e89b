"""Choices as template cards: within WeCom's sizes, nothing lost, and every button says what it should."""

from __future__ import annotations

import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.chat.dialects import WECOM_APP
from bot.channels.chat.numbering import SAY_A_NUMBER, in_words
from bot.channels.chat.outbound import Button, Buttons
from bot.channels.chat.rendering import render
from bot.channels.wecom.cards import build_cards
from bot.messages import Choice, ChoicesBlock, Message

LONG = ["停电前要提前几天通知客户？", "客户不在家怎么送达？", "哪些情况不能停电？"]


def buttons(*labels: str, prompt: str = "接下来想看什么？", key: str = "3f9a") -> Buttons:
    return Buttons(prompt, [Button(label, f"说：{label}") for label in labels], key)


def test_short_choices_are_one_plain_card() -> None:
    """The prompt is the title, each label stands on its button, and nothing else is said."""
    before, (card,) = build_cards(buttons("再来一次", "换一位客户"), lambda _n: "0" * 32)

    assert "" == before
    assert {
        "card_type": "button_interaction",
        "main_title": {"title": "接下来想看什么？"},
        "task_id": f"3f9a@{'0' * 32}",
        "button_list": [{"text": "再来一次", "key": "1"}, {"text": "换一位客户", "key": "2"}],
    } == card.template_card
    assert {"1": "说：再来一次", "2": "说：换一位客户"} == card.pressed


def test_long_choices_stand_in_full_above_the_buttons() -> None:
    """A question longer than a button is cut there, numbered, and readable in full in the card."""
    before, (card,) = build_cards(buttons(*LONG))

    assert "" == before
    assert (
        "\n".join(f"{n}. {label}" for n, label in enumerate(LONG, 1)) == card.template_card["sub_title_text"]
    )
    assert ["1.停电前要提前几…", "2.客户不在家怎么…", "3.哪些情况不能停…"] == [
        button["text"] for button in card.template_card["button_list"]
    ]


def test_choices_too_long_for_a_card_are_said_before_it() -> None:
    """What does not fit into the card is a message of its own, and the card says so."""
    labels = [f"{label}如果是专变用户又有什么不同的规定，要走哪些手续" for label in LONG * 2]
    before, (card,) = build_cards(buttons(*labels))

    assert all(label in before for label in labels) and before.startswith("接下来想看什么？")
    assert "完整的选项在上一条" == card.template_card["sub_title_text"]


def test_more_than_six_choices_are_several_cards() -> None:
    """Fourteen choices are three cards, numbered through, each choice with a button of its own."""
    _, cards = build_cards(buttons(*(f"客户{n}" for n in range(14))))

    assert [6, 6, 2] == [len(card.template_card["button_list"]) for card in cards]
    assert [f"说：客户{n}" for n in range(14)] == [words for card in cards for words in card.pressed.values()]
    assert ["接下来想看什么？", "还可以选", "还可以选"] == [
        c.template_card["main_title"]["title"] for c in cards
    ]


def test_same_question_is_another_card_each_time() -> None:
    """WeCom refuses a task_id that was there before, so the same choices get new ones."""
    ids = {build_cards(buttons("好", "不好"))[1][0].task_id for _ in range(100)}

    assert 100 == len(ids)


def test_rendered_choices_beyond_the_buttons_keep_their_order() -> None:
    """Eight choices of the bot: six have buttons, and the whole list reads from one to eight in the card."""
    block = ChoicesBlock(
        prompt="跟谁练？", choices=[Choice(label=f"第{n}位", send=f"和{n}练") for n in range(1, 9)]
    )
    (part,) = render(Message(blocks=[block]), WECOM_APP, lambda _citation: "")
    assert isinstance(part, Buttons)
    _, (card,) = build_cards(part)

    shown = card.template_card["sub_title_text"]
    assert "跟谁练？" == card.template_card["main_title"]["title"]
    assert list(range(1, 9)) == [int(n) for n in re.findall(r"^(\d)\. 第", shown, re.MULTILINE)]
    assert shown.endswith(SAY_A_NUMBER)
    assert in_words(part) == f"跟谁练？\n{shown}"


@pytest.mark.parametrize("prompt", ["", "  \n ", "问" * 37, "问" * 200, "一行\n又一行"])
def test_card_has_a_title_whatever_the_prompt(prompt: str) -> None:
    """An empty, long or many-lined prompt leaves a title of the right length, and no word is lost."""
    before, (card,) = build_cards(buttons("好", "不好", prompt=prompt))
    title = card.template_card["main_title"]["title"]

    assert 0 < len(title) <= 36
    said = "\n".join([before, title, card.template_card.get("sub_title_text", "")])
    assert all(line.strip() in said for line in prompt.split("\n"))


def test_choices_without_buttons_are_words() -> None:
    """Nothing to press: the prompt alone is said."""
    assert ("接下来想看什么？", []) == build_cards(buttons())


def test_choices_in_words_can_be_answered_with_a_number() -> None:
    """Where no card is shown, the choices are numbered and the way to answer is said."""
    assert "接下来想看什么？\n1. 好\n2. 不好\n回复数字就行。" == in_words(buttons("好", "不好"))


def test_emoji_on_a_button_is_not_cut_in_two() -> None:
    """A family is one sign of seven code points: it is shown whole or not at all."""
    _, (card,) = build_cards(buttons("客户在一旁👨‍👩‍👧‍👦抱怨电费太高"))

    assert "1.客户在一旁…" == card.template_card["button_list"][0]["text"]


signs = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
many = st.lists(st.builds(Button, signs, signs), min_size=1, max_size=15)


@given(st.builds(Buttons, st.text(max_size=200), many, st.text(max_size=200)))
def test_every_card_keeps_the_sizes_and_loses_nothing(choices: Buttons) -> None:
    """Whatever is asked: WeCom's sizes hold, ids are legal, each press says its words, each label can be read."""
    numbers = count()
    before, cards = build_cards(choices, lambda n: f"{next(numbers):0{2 * n}x}")

    shown = [before]
    for card in cards:
        body = card.template_card
        keys = [button["key"] for button in body["button_list"]]
        assert 0 < len(body["main_title"]["title"]) <= 36 and len(body.get("sub_title_text", "")) <= 160
        assert 1 <= len(keys) <= 6 and list(card.pressed) == keys
        assert all(
            0 < len(button["text"].strip()) and len(button["text"]) <= 10 for button in body["button_list"]
        )
        assert re.fullmatch(r"[0-9A-Za-z_@-]{1,128}", body["task_id"])
        shown += [body["main_title"]["title"], body.get("sub_title_text", "")]
        shown += [button["text"] for button in body["button_list"]]
    assert len(cards) == len({card.task_id for card in cards})
    assert [one.send for one in choices.buttons] == [
        words for card in cards for words in card.pressed.values()
    ]
    assert all(one.label in "\n".join(shown) for one in choices.buttons)
    assert all(line.strip() in "\n".join(shown) for line in choices.prompt.split("\n"))
