"""A message of the bot as parts for one chat platform: words within its limit, buttons, and a picture of the call.

Pure: the same message gives the same parts. Called by answering.py; the words of each block are wording.py's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.channels.chat.dialects import Dialect
from bot.channels.chat.numbering import SAY_A_NUMBER
from bot.channels.chat.outbound import Button, Buttons, Part, Picture, Words
from bot.channels.chat.pictures import score_card_png
from bot.channels.chat.splitting import split
from bot.channels.chat.wording import Addresses, Draft, card_in_words, plain, write
from bot.messages import AnswerBlock, ChoicesBlock, CustomerTurnBlock, Message, QuizBlock, ScoreCardBlock


def render(message: Message, dialect: Dialect, link: Addresses, group: bool = False) -> list[Part]:
    """The parts in the order in which they are to be sent; `link` makes the addresses of pages.

    In a group, where several ask at once, an answer begins with what was asked.
    """
    draft, pictures = Draft(dialect), list[Part]()
    for block in message.blocks:
        write(block, draft, link, group)
        if isinstance(block, ScoreCardBlock) and dialect.pictures:
            pictures.append(Picture(score_card_png(block), card_in_words(block)))
    choices = _choices(message, dialect)
    shown = choices[: dialect.buttons]
    prompt = _prompt_with(choices, len(shown), message, dialect)
    if len(prompt.encode()) > dialect.most_bytes:
        # Too long for a card: all of them in words, from 1 on.
        shown, prompt = [], _prompt_with(choices, 0, message, dialect)
    if not shown:
        draft.say(prompt)
    parts: list[Part] = [
        Words(piece, draft.marked)
        for piece in split("\n\n".join(draft.paragraphs), dialect.most_bytes)
        if piece
    ]
    parts += pictures
    if shown:
        key = hashlib.sha256("\x00".join([prompt, *(one.send for one in choices)]).encode()).hexdigest()[:16]
        parts.append(Buttons(prompt or "接下来：", shown, key))
    return parts


def offered(message: Message, dialect: Dialect) -> list[Button]:
    """What a bare number stands for after this message: the choices in the order shown; none where a number means
    what it says, in the middle of a call."""
    if any(isinstance(block, CustomerTurnBlock) for block in message.blocks):
        return []
    return _choices(message, dialect)


def _choices(message: Message, dialect: Dialect) -> list[Button]:
    found = []
    for block in message.blocks:
        if isinstance(block, ChoicesBlock):
            found += [Button(plain(choice.label) or "选这个", choice.send) for choice in block.choices]
        elif isinstance(block, AnswerBlock):
            found += [Button(plain(one) or "选这个", one) for one in [*block.choices, *block.related]]
        elif isinstance(block, QuizBlock) and dialect.buttons and block.kind in ("single", "judgement"):
            found += [Button(plain(one.key), one.key) for one in block.options]  # listed in words above
    return found


def _prompt(message: Message) -> str:
    prompts = []
    for block in message.blocks:
        if isinstance(block, ChoicesBlock):
            prompts.append(plain(block.prompt))
        elif isinstance(block, AnswerBlock) and block.related and not block.choices:
            prompts.append("还可以问：")
    return "\n".join(filter(None, prompts))


def _prompt_with(choices: Sequence[Button], shown: int, message: Message, dialect: Dialect) -> str:
    """What is asked, with the choices that have no button behind it."""
    left = choices[shown:]
    if not left:
        return _prompt(message)
    numbers_mean = bool(offered(message, dialect))
    lines = _numbered(left, shown + 1) if numbers_mean else _bulleted(left)
    return "\n".join(filter(None, [_prompt(message), *lines, SAY_A_NUMBER if numbers_mean else ""]))


def _numbered(choices: Sequence[Button], first: int) -> list[str]:
    return [f"{number}. {choice.label}" for number, choice in enumerate(choices, first)]


def _bulleted(choices: Sequence[Button]) -> list[str]:
    """For where a number is not understood as a choice: what to say is said, if the label does not say it."""
    said = [plain(one.send) for one in choices]
    return [
        f"· {one.label}" + ("" if words == one.label else f"（回复“{words}”）")
        for one, words in zip(choices, said, strict=True)
    ]
