"""What every action shares: what was said, by whom, and how one typed message goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.messages import Incoming, Message

Answer = Callable[[Incoming], Message]
"""What was said -> the bot's message. Runs in a thread: it may compute and use the database."""


class LibraryAction(Action):  # type: ignore[misc]  # rasa-sdk ships no types
    """An action that calls one function of the library and passes its message on."""

    action = ""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def name(self) -> str:
        return self.action

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        latest = tracker.latest_message or {}
        metadata = latest.get("metadata") or {}
        text = metadata.get("text") or latest.get("text") or ""
        said = Incoming(
            tracker.sender_id,
            text,
            *(metadata.get(name) or "" for name in ("message_id", "speaker", "account")),
        )
        message = await asyncio.to_thread(self._answer, said)
        dispatcher.utter_message(json_message=message.model_dump(mode="json"))
        return []
