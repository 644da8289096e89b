"""Choices as WeCom template cards with buttons. The courier sends them, the callback of the app hears the press.

Sizes are those of the card's own page in WeCom's documents: it recommends them, and clients cut what is longer.
Nothing is lost by that: a label that does not fit is numbered on its button and stands in full above the buttons.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.chat.numbering import next_number, prompt_lines, with_list
from bot.channels.chat.outbound import Button, Buttons
from bot.channels.chat.splitting import is_joined

MOST_BUTTONS = 6
LONGEST_LABEL, LONGEST_TITLE, LONGEST_TEXT = 10, 36, 160
"""Characters."""
LONGEST_ID = 128
CHOOSE, MORE, ABOVE = "请选一个", "还可以选", "完整的选项在上一条"

_NOT_IN_IDS = re.compile(r"[^0-9A-Za-z_@-]")


@dataclass(frozen=True)
class Card:
    """`template_card` as WeCom wants it; `pressed` is what a person says with each button, by the button's key."""

    task_id: str
    template_card: Mapping[str, Any]
    pressed: Mapping[str, str]


def build_cards(buttons: Buttons, random: Callable[[int], str] = secrets.token_hex) -> tuple[str, list[Card]]:
    """The words to say first, "" when everything fits into the cards, and a card for every six buttons.

    Several cards rather than numbers for what is left over: a thumb in a stairwell presses better than it types.
    A card's id must never come twice in one app, and the same question is asked often: so it is partly random.
    """
    if not buttons.buttons:
        return buttons.prompt, []
    full = _needs_list(buttons)
    title, text = _title_and_text(buttons, full)
    too_long = len(text) > LONGEST_TEXT
    cards = []
    for start in range(0, len(buttons.buttons), MOST_BUTTONS):
        heading, below = (title, text) if start == 0 else (MORE, "")
        shown = buttons.buttons[start : start + MOST_BUTTONS]
        task_id = _task_id(buttons.key, random)
        cards.append(_card(task_id, heading, ABOVE if too_long else below, shown, start + 1, full))
    whole = text if title == CHOOSE else f"{title}\n{text}"
    return (whole if too_long else ""), cards


def _needs_list(buttons: Buttons) -> bool:
    """Whether buttons are numbered: where one does not hold its label, or numbers go on in the prompt."""
    fits = all(one.label.strip() and len(one.label) <= LONGEST_LABEL for one in buttons.buttons)
    return not fits or any(line.startswith(next_number(buttons)) for line in prompt_lines(buttons))


def _title_and_text(buttons: Buttons, in_full: bool) -> tuple[str, str]:
    """The first line of the prompt is the title if it fits; with `in_full` the labels are in the text, numbered."""
    lines = with_list(buttons) if in_full else prompt_lines(buttons)
    if lines and lines[:1] == prompt_lines(buttons)[:1] and len(lines[0]) <= LONGEST_TITLE:
        return lines[0], "\n".join(lines[1:])
    return CHOOSE, "\n".join(lines)


def _card(task_id: str, title: str, text: str, buttons: Sequence[Button], first: int, numbered: bool) -> Card:
    numbers = range(first, first + len(buttons))
    shown = [
        {"text": _label(button, number if numbered else 0), "key": str(number)}
        for number, button in zip(numbers, buttons, strict=True)
    ]
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "task_id": task_id,
        "button_list": shown,
    }
    if text:
        card["sub_title_text"] = text
    pressed = {str(number): button.send for number, button in zip(numbers, buttons, strict=True)}
    return Card(task_id, card, pressed)


def _label(button: Button, number: int) -> str:
    label = f"{number}.{button.label}" if number else button.label
    if len(label) <= LONGEST_LABEL:
        return label
    end = LONGEST_LABEL - 1
    while end > 1 and is_joined(label, 0, end):
        end -= 1
    return label[:end] + "…"


def _task_id(key: str, random: Callable[[int], str]) -> str:
    return f"{_NOT_IN_IDS.sub('-', key)[: LONGEST_ID - 33]}@{random(16)}"
