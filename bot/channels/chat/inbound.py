"""What a chat platform delivered, in the words every adapter shares.

An adapter verifies, decrypts and translates; then it hands an `Inbound` to `accept` and acknowledges. Nothing is
answered before `accept` has remembered the message, and a message that was seen before is never handed on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Inbound:
    """One message of one person.

    `channel` is wecom, wecom-aibot or dingtalk; `key` is what the platform repeats when it sends the message again.
    `chat` names the single chat or group in which order is kept, `person` the platform's id of who speaks, `name` how
    the group sees them. `reply_to` is all the adapter needs to answer later: plain JSON, kept in the database.
    `event` is "" for words; "enter" when the person opens the chat; "media" for a picture or file that is declined.
    """

    channel: str
    key: str
    chat: str
    person: str
    text: str
    group: bool = False
    name: str = ""
    event: str = ""
    reply_to: dict[str, Any] = field(default_factory=dict)


Accept = Callable[[Inbound], Awaitable[bool]]
"""Remembers the message durably and sees to its answer; False when it was seen before."""
