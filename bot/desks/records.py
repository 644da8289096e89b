"""Where everything people do is written down once, and told to whoever keeps count: curricula, points, the loop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.learning.events import Event
from bot.stores.learning.events import EventStore, StoredEvent

Listener = Callable[[Event], None]
"""Does the same for the same event however often it is told: it is told again after a crash."""
AGAIN = timedelta(days=2)

log = structlog.get_logger()


class Records:
    def __init__(self, store: EventStore) -> None:
        self.store = store
        self._listeners: list[tuple[str, Listener]] = []

    def listen(self, name: str, listener: Listener) -> None:
        self._listeners.append((name, listener))

    def publish(self, event: Event) -> bool:
        """Writes it and tells everybody; False, and nobody is told, when an event of this key was there before.

        A listener that fails is logged and told again by `catch_up`: what a person did is kept whatever follows from it.
        """
        if not self.store.add(event):
            return False
        self._tell(event)
        return True

    def catch_up(self, at: datetime) -> int:
        """Tells the events of the last two days again, for listeners that died in the middle; how many they were."""
        events = self.store.since(at - AGAIN)
        for event in events:
            self._tell(as_event(event))
        return len(events)

    def _tell(self, event: Event) -> None:
        for name, listener in self._listeners:
            try:
                listener(event)
            except Exception as error:
                log.error(
                    "records.listener.failed", listener=name, kind=event.kind, error=type(error).__name__
                )


def as_event(stored: StoredEvent) -> Event:
    return Event(**{name: getattr(stored, name) for name in StoredEvent.__dataclass_fields__})
