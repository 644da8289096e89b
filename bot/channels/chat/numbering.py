"""Choices in words, for where there are no buttons: each with its number, in the order of the numbers."""

from __future__ import annotations

from bot.channels.chat.outbound import Buttons

SAY_A_NUMBER = "回复数字就行。"


def in_words(buttons: Buttons) -> str:
    """The same to be answered with a number, where no card can be shown. The bot understands a bare number."""
    lines = with_list(buttons)
    return "\n".join(lines if SAY_A_NUMBER in lines else [*lines, SAY_A_NUMBER])


def with_list(buttons: Buttons) -> list[str]:
    """The prompt with the buttons' labels numbered in it: before the choices that follow in the prompt, if any do."""
    lines, follows = prompt_lines(buttons), next_number(buttons)
    at = next((n for n, line in enumerate(lines) if line.startswith(follows)), len(lines))
    listed = [f"{number}. {one.label}" for number, one in enumerate(buttons.buttons, 1)]
    return [*lines[:at], *listed, *lines[at:]]


def prompt_lines(buttons: Buttons) -> list[str]:
    prompt = buttons.prompt.strip()
    return prompt.split("\n") if prompt else []


def next_number(buttons: Buttons) -> str:
    """How the line of the next choice begins, where the prompt holds those that have no button."""
    return f"{len(buttons.buttons) + 1}. "
