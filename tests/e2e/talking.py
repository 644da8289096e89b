"""Talks to a running bot over HTTP the way a program does."""

from __future__ import annotations

import itertools
from typing import Any

import httpx

_numbers = itertools.count(1)


class Caller:
    """One conversation; every message gets an id of its own."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name

    def send(self, text: str, message_id: str | None = None) -> list[dict[str, Any]]:
        """The blocks the bot answers with."""
        body = {
            "conversation": self.name,
            "text": text,
            "message_id": message_id or f"{self.name}-{next(_numbers)}",
        }
        response = httpx.post(f"{self.url}/api/v1/converse", json=body, timeout=15)
        assert response.status_code == 200, response.text
        blocks = [block for message in response.json()["messages"] for block in message["blocks"]]
        return [dict(block) for block in blocks]


def block(blocks: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The one block of this kind."""
    found = [b for b in blocks if b["type"] == kind]
    assert len(found) == 1, [b["type"] for b in blocks]
    return found[0]


def kinds(blocks: list[dict[str, Any]]) -> set[str]:
    return {b["type"] for b in blocks}
