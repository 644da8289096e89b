"""Whose account a conversation is: its own in a browser, or the one of the chat it was handed over from."""

from __future__ import annotations

from datetime import timedelta

from bot.learning.clock import Clock
from bot.stores.shared import SharedStore

KEPT = timedelta(days=180)
"""As long as the cookie of the browser that took a conversation over."""


class Accounts:
    def __init__(self, shared: SharedStore, clock: Clock) -> None:
        self._shared, self._clock = shared, clock

    def remember(self, conversation: str, account: str) -> None:
        """A chat hands this conversation over to a browser."""
        until = (self._clock() + KEPT).timestamp()
        self._shared.keep(f"account:{conversation}", {"account": account}, until)

    def of(self, conversation: str) -> str:
        if conversation.startswith(("web-", "api-")):
            return conversation
        kept = self._shared.kept(f"account:{conversation}", self._clock().timestamp())
        return str(kept["account"]) if kept else conversation
