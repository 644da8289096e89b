"""What goes back to a chat platform: a message as parts, and the one thing a courier must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import AnxunError


@dataclass(frozen=True)
class Words:
    """Text or Markdown within the platform's limit; `markdown` says which."""

    text: str
    markdown: bool = False


@dataclass(frozen=True)
class Button:
    """`label` is shown, `send` is what the person says by pressing it."""

    label: str
    send: str


@dataclass(frozen=True)
class Buttons:
    """A question with things to press, at most `Dialect.buttons` of them; `key` is unique for this message."""

    prompt: str
    buttons: Sequence[Button]
    key: str


@dataclass(frozen=True)
class Picture:
    """A PNG, and the same in words for whom it cannot reach."""

    png: bytes
    words: str


Part = Words | Buttons | Picture


class DeliveryFailed(AnxunError):  # noqa: N818
    """The platform did not take a message. `again` says whether trying later may help."""

    def __init__(self, message: str, remedy: str = "", again: bool = True) -> None:
        super().__init__(message, remedy)
        self.again = again


class Courier(Protocol):
    """Takes parts to one chat of one platform. Raises DeliveryFailed; never anything else of the network."""

    async def deliver(self, reply_to: Mapping[str, Any], parts: Sequence[Part]) -> None:
        """All parts, in order. `reply_to` is that of the Inbound answered."""
