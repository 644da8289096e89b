"""The chat that a demo shows: what was said on both sides, the pictures, and the page that draws them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

STATIC = Path(__file__).parent / "static"


class Words(BaseModel):
    text: str = Field(max_length=4000)


class Press(BaseModel):
    label: str
    card: str = ""
    key: str = ""
    send: str = ""


class Chatroom:
    """Entries are `{from: me|bot, kind: text|markdown|card|picture, text, …}`, in order, for one visitor."""

    def __init__(self, title: str, where: str, skin: str) -> None:
        self.title, self.where, self.skin = title, where, skin
        self.entries: list[dict[str, Any]] = []
        self.media: dict[str, bytes] = {}

    def add(self, **entry: Any) -> None:
        self.entries.append(entry)

    def keep(self, upload: bytes) -> str:
        """The name under which the page finds the PNG that lies somewhere in an upload."""
        name = f"media-{len(self.media) + 1}"
        self.media[name] = upload[upload.index(b"\x89PNG") : upload.index(b"IEND") + 8]
        return name


def build_pages(
    room: Chatroom, say: Callable[[str], Awaitable[None]], press: Callable[[Press], Awaitable[None]]
) -> APIRouter:
    """The page and what it asks for; `say` and `press` bring the visitor's words to the bot as the platform would."""
    pages = APIRouter()
    pages.mount("/demo/static", StaticFiles(directory=STATIC))

    @pages.get("/")
    def page() -> FileResponse:
        return FileResponse(STATIC / "chat.html")

    @pages.get("/demo/messages")
    def messages(after: int = 0) -> dict[str, Any]:
        return {"entries": room.entries[after:], "title": room.title, "where": room.where, "skin": room.skin}

    @pages.get("/demo/media/{name}")
    def media(name: str) -> Response:
        if name not in room.media:
            raise HTTPException(404)
        return Response(room.media[name], media_type="image/png")

    @pages.post("/demo/say")
    async def speak(words: Words) -> None:
        room.add(**{"from": "me", "kind": "text", "text": words.text})
        await say(words.text)

    @pages.post("/demo/press")
    async def push(pressed: Press) -> None:
        room.add(**{"from": "me", "kind": "text", "text": pressed.label})
        await press(pressed)

    return pages
