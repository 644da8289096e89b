"""Answers of the 智能机器人 that WeCom comes to fetch: it asks for a stream again and again until it is finished.

The callback opens and shows them, the courier finishes them, each maybe in another process: what they share lies on a
`StreamShelf`.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.channels.wecom.aibot import LATE, STILL_WORKING, STILL_WORKING_S, WORKING

MOST_PICTURES = 10
CLOSES_S = 350.0
"""Only then is a stream given up: ten seconds after the last answer went in, so that no answer falls between."""
KEPT_S = 3600.0
GONE = "这一条的答案找不到了，麻烦再问一次。"


class StreamShelf(Protocol):
    """Plain JSON by name, for an hour at least; what one process puts, every other gets."""

    async def put(self, id: str, state: Mapping[str, Any]) -> None: ...

    async def get(self, id: str) -> Mapping[str, Any] | None: ...


class MemoryShelf:
    """The shelf of one process."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._held: dict[str, tuple[float, Mapping[str, Any]]] = {}

    async def put(self, id: str, state: Mapping[str, Any]) -> None:
        old = [one for one, (until, _) in self._held.items() if until < self._now()]
        for one in old:
            del self._held[one]
        self._held[id] = (self._now() + KEPT_S, state)

    async def get(self, id: str) -> Mapping[str, Any] | None:
        held = self._held.get(id)
        return held[1] if held and held[0] >= self._now() else None


@dataclass(frozen=True)
class Stream:
    """What is to be seen now: always the whole text, and pictures (base64) once it is finished."""

    text: str
    finished: bool = False
    pictures: Sequence[str] = ()


class Streams:
    """Question and answer are kept apart, so that a question which comes again never covers its answer."""

    def __init__(self, shelf: StreamShelf, now: Callable[[], float] = time.time) -> None:
        self._shelf, self._now = shelf, now

    async def open(self, id: str) -> float:
        """When the question was asked first, in seconds since 1970."""
        held = await self._shelf.get(f"{id}:asked")
        if held is not None:
            return float(held["asked"])
        asked = self._now()
        await self._shelf.put(f"{id}:asked", {"asked": asked})
        return asked

    async def answered(self, id: str) -> bool:
        return await self._shelf.get(id) is not None

    async def finish(self, id: str, text: str, pngs: Sequence[bytes] = ()) -> None:
        """The answer; the same one may be given again. At most MOST_PICTURES pictures."""
        pictures = [base64.b64encode(png).decode() for png in pngs]
        await self._shelf.put(id, {"text": text, "pictures": pictures})

    async def view(self, id: str) -> Stream:
        answer = await self._shelf.get(id)
        if answer is not None:
            return Stream(answer["text"], True, answer["pictures"])
        held = await self._shelf.get(f"{id}:asked")
        if held is None:
            return Stream(GONE, True)
        waited = self._now() - held["asked"]
        if waited >= CLOSES_S:
            return Stream(LATE, True)
        return Stream(WORKING if waited < STILL_WORKING_S else STILL_WORKING)


def stream_reply(id: str, stream: Stream) -> dict[str, Any]:
    """A stream as WeCom wants to read it."""
    content: dict[str, Any] = {"id": id, "finish": stream.finished, "content": stream.text}
    if stream.finished and stream.pictures:
        content["msg_item"] = [
            {"msgtype": "image", "image": {"base64": picture, "md5": _md5(picture)}}
            for picture in stream.pictures
        ]
    return {"msgtype": "stream", "stream": content}


def _md5(picture: str) -> str:
    return hashlib.md5(base64.b64decode(picture), usedforsecurity=False).hexdigest()
