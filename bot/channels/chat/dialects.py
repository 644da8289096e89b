"""How each chat platform writes: how much fits into one message, which Markdown it shows, whether it has buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Markdown = Literal["none", "wecom", "wecom-v2", "dingtalk"]


@dataclass(frozen=True)
class Dialect:
    """`most_bytes` of UTF-8 in one message; `buttons` in one card, 0 for none; `pictures` whether it takes a PNG."""

    name: str
    most_bytes: int
    markdown: Markdown
    buttons: int
    pictures: bool = True


WECOM_APP = Dialect("wecom", 2_048, "wecom", 6)
WECOM_AIBOT = Dialect("wecom-aibot", 20_480, "wecom-v2", 0)
WECOM_WEBHOOK = Dialect("wecom-webhook", 4_096, "wecom", 0, pictures=False)
DINGTALK = Dialect("dingtalk", 6_000, "dingtalk", 6)
"""20,000 bytes hold the whole JSON body, but long bubbles are cut by clients at some 2,000 Chinese characters."""
DINGTALK_WEBHOOK = Dialect("dingtalk-webhook", 6_000, "dingtalk", 0, pictures=False)
