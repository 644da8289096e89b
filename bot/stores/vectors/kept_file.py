"""A large file with its own key and checksum, written and checked as a stream and replaced in one step.

The head is as in `bot.retrieval.keeping`, which keeps small things; here the body is never in memory as a whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

FORMAT = "anxun-vectors-1"
_DIGEST = 64
_HEAD = 2 * _DIGEST


def digest_of(key: str, dim: int) -> str:
    """The key as kept: what the caller names, the dimension, and the version of the format."""
    return hashlib.sha256("\x1e".join([FORMAT, str(dim), key]).encode("utf-8", "replace")).hexdigest()


def write_kept(path: Path, key: str, write: Callable[[Callable[[bytes], object]], None]) -> None:
    """Replace `path` by what `write` hands over, piece by piece; raises OSError when the disk will not have it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    checksum = hashlib.sha256()
    try:
        with part.open("wb") as file:

            def put(piece: bytes) -> None:
                checksum.update(piece)
                file.write(piece)

            file.write(bytes(_HEAD))
            write(put)
            file.seek(0)
            file.write((key + checksum.hexdigest()).encode())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def open_kept(path: Path, key: str) -> Iterator[BinaryIO | None]:
    """The file, ready to read behind its head; None when it is missing, stale, short or altered."""
    try:
        file = path.open("rb")
    except OSError:
        yield None
        return
    with file:
        head = file.read(_HEAD)
        whole = head == (key + hashlib.file_digest(file, "sha256").hexdigest()).encode()
        file.seek(_HEAD)
        yield file if whole else None
