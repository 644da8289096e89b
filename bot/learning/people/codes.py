"""One-time codes: short enough to type on a phone, without letters that look like digits."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
"""31^8 codes: guessing one of a hundred open codes takes some eight billion tries."""


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(text: str) -> str:
    """The code in what somebody typed, without blanks and strokes; "" when it can be none."""
    code = "".join(text.split()).replace("-", "").upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def digest(code: str) -> str:
    """What is stored of a code: who reads the database cannot use it."""
    return hashlib.sha256(f"anxun-code\x00{code}".encode()).hexdigest()
