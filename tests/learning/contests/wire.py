"""HTTP/1.1 by hand for two hundred phones at once: one kept connection for what a phone sends, one for its stream.

A full client library costs more time than the server that is measured.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any


class Wire:
    """One kept connection; opened at the first use, and again after it broke."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port, self._cookie = port, cookie
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._lock = asyncio.Lock()

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        raw = json.dumps(body).encode()
        sent = f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw
        async with self._lock:
            reader, writer = self._pair or await asyncio.open_connection("127.0.0.1", self._port)
            self._pair = (reader, writer)
            writer.write(self._head("POST", path) + sent)
            fields = await _fields(reader)
            answer: dict[str, Any] = json.loads(await reader.readexactly(int(fields["content-length"])))
        return answer

    async def stream(self, path: str, last: int) -> AsyncGenerator[tuple[int, str], None]:
        """Numbers and texts of a stream of server-sent events, from the one after `last` on (-1: from now)."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            resume = f"Last-Event-ID: {last}\r\n" if last >= 0 else ""
            writer.write(self._head("GET", path) + f"{resume}\r\n".encode())
            await _fields(reader)
            while size := int(await reader.readline() or b"0", 16):
                chunk = await reader.readexactly(size + 2)
                if chunk.startswith(b"id: "):
                    number, text = chunk[4:].split(b"\ndata: ", 1)
                    yield int(number), text.decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def close(self) -> None:
        if self._pair:
            self._pair[1].close()
            self._pair = None

    def _head(self, verb: str, path: str) -> bytes:
        return f"{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCookie: {self._cookie}\r\nAccept: */*\r\n".encode()


async def _fields(reader: asyncio.StreamReader) -> dict[str, str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.split("\r\n")
    assert lines[0].split()[1] in ("200", "503"), head
    return dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
