"""Reads what a platform posts to a callback: never more than may be kept, never longer than the platform waits."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect

from bot.errors import BadInput

MOST_BYTES = 64 * 1024
"""No message of a platform is nearly as long."""
PATIENCE_S = 4.0
"""WeCom hangs up after five seconds; an answer before that says what is the matter."""


class NotRead(BadInput):
    """The body was too long, or too long in coming. `status` is the HTTP status to answer with."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"平台推送的内容没有读完（{reason}）。")
        self.status, self.reason = status, reason


async def read_body(request: Request, patience: float = PATIENCE_S) -> bytes:
    """The body. Raises NotRead; of a body that is too long no more is read than could be kept."""
    body = bytearray()
    try:
        async with asyncio.timeout(patience):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise NotRead(413, "too long")
    except (TimeoutError, ClientDisconnect):
        raise NotRead(408, "body did not come") from None
    return bytes(body)
