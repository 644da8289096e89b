"""One way to keep something derived between starts: a file with its own key and checksum, replaced in one step.

Used for passage vectors and for words already cut. A stale, short or altered file is never believed: it is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

FORMAT = "anxun-index-3"
_HEAD = 128


def key_of(parts: Iterable[str]) -> str:
    """What the kept bytes rest on, as a digest; the format's version is part of it."""
    return hashlib.sha256("\x1e".join([FORMAT, *parts]).encode("utf-8", "replace")).hexdigest()


def kept(path: Path | None, key: str, make: Callable[[], bytes]) -> bytes:
    """The bytes kept at `path` under `key`, or what `make` gives, which is then kept. No path keeps nothing."""
    if path is not None and (held := read_kept(path, key)) is not None:
        return held
    body = make()
    if path is not None:
        write_kept(path, key, body)
    return body


def read_kept(path: Path, key: str) -> bytes | None:
    """The bytes kept there under `key`; None when there are none, they are another's, or damaged."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    body = raw[_HEAD:]
    return body if raw[:_HEAD] == (key + hashlib.sha256(body).hexdigest()).encode() else None


def write_kept(path: Path, key: str, body: bytes) -> None:
    """Keep `body` under `key`, in one step."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with contextlib.suppress(
        OSError
    ):  # a full or read-only disk costs time at the next start, not the answer
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes((key + hashlib.sha256(body).hexdigest()).encode() + body)
        part.replace(path)
