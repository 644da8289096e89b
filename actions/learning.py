"""Everything beside asking and role-play: the hall knows the desks.

`action_learn` answers words that belong to a desk for sure; `action_open_<desk>` what Rasa recognised in free speech.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from actions.base import LibraryAction
from bot.messages import Incoming, Message

SPOKEN = (
    "quiz", "hazard", "curricula", "points", "contest", "drill", "rotation", "awareness", "loop", "menu",
)  # fmt: skip
"""Desks that free sentences may open: an intent `open_<desk>` in domain.yml, examples below data/nlu/."""


class Learn(LibraryAction):
    action = "action_learn"


class OpenDesk(LibraryAction):
    def __init__(self, desk: str, at: Callable[[str, Incoming], Message]) -> None:
        super().__init__(lambda said: at(desk, said))
        self.action = f"action_open_{desk}"


def desks(at: Callable[[str, Incoming], Message]) -> Iterator[OpenDesk]:
    """One action for each desk that may be opened by free speech."""
    return (OpenDesk(desk, at) for desk in SPOKEN)
