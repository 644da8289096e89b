"""DingTalk's own kinds of message, as the courier and the group webhook send them, each within DingTalk's limit."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.channels.chat.splitting import split

MOST_BODY_BYTES = 20_000
"""Of the whole JSON; DingTalk answers 460101 to more."""
LESS_BYTES = (6_000, 3_000, 1_500)
"""Of words in one message. 6,000 is what its clients show well; less where the JSON of the words is far longer than
they are."""
TITLE_SIGNS = 40
_ROOM = MOST_BODY_BYTES - 1_000
"""What ids and names leave for the words, which are JSON within JSON on the open interface."""
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_NUMBER = re.compile(r"^（\d+/\d+）\n")
_ONE_BREAK = re.compile(r"(?<!\n)\n(?!\n)")


def pieces(text: str) -> list[str]:
    """The text in numbered pieces of which each fits into one message, whatever it is made of; nothing to say is none."""
    cut: list[str] = []
    for most in LESS_BYTES if text.strip() else ():
        cut = split(text, most)
        if all(size(json.dumps(markdown_body(piece), ensure_ascii=False)) <= _ROOM for piece in cut):
            break
    return cut


def text_body(text: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}


def markdown_body(text: str, title: str = "") -> dict[str, Any]:
    """DingTalk refuses an empty title, and joins lines that one break alone parts: two blanks keep them apart."""
    return {
        "msgtype": "markdown",
        "markdown": {"title": title[:TITLE_SIGNS] or title_of(text), "text": lines(text)},
    }


def lines(text: str) -> str:
    return _ONE_BREAK.sub("  \n", text)


def title_of(text: str) -> str:
    """What the list of chats shows of a message."""
    words = _LINK.sub(r"\1", _NUMBER.sub("", text).strip().split("\n")[0])
    return words.lstrip("#> ").replace("**", "")[:TITLE_SIGNS] or "安训"


def size(body: object) -> int:
    return len(json.dumps(body, ensure_ascii=False).encode())
